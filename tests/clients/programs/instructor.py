"""A class is filled in each of instructor's ways: by schema, by tool, from JSON and from Markdown."""

from pydantic import BaseModel


class City(BaseModel):
    name: str
    population: int


for mode in ("JSON_SCHEMA", "TOOLS", "JSON", "MD_JSON"):
    asking = (
        client
        if mode == "JSON_SCHEMA"
        else instructor.from_openai(client.client, mode=instructor.Mode[mode])
    )
    made = asking.chat.completions.create(
        model="openai/gpt-4o-mini",
        messages=[{"role": "user", "content": "Lisbon has 570000 inhabitants."}],
        response_model=City,
    )
    assert isinstance(made, City), mode
