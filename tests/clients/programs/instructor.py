"""instructor fills a class in each of its ways: by tool, by schema, from JSON and from Markdown."""

import os

import instructor
from openai import OpenAI
from pydantic import BaseModel


class City(BaseModel):
    name: str
    population: int


client = OpenAI(
    base_url=os.environ["OPENROUTER_BASE_URL"], api_key=os.environ["OPENROUTER_API_KEY"]
)
for mode in ("TOOLS", "JSON_SCHEMA", "JSON", "MD_JSON"):
    made = instructor.from_openai(client, mode=instructor.Mode[mode]).chat.completions.create(
        model="openai/gpt-4o-mini",
        messages=[{"role": "user", "content": "Lisbon has 570000 inhabitants."}],
        response_model=City,
    )
    assert isinstance(made, City), mode
