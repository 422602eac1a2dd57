"""pydantic-ai's own OpenRouter model: an agent with a tool and a typed answer."""

import os

from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.openrouter import OpenRouterModel
from pydantic_ai.providers.openrouter import OpenRouterProvider


class City(BaseModel):
    name: str


client = AsyncOpenAI(
    base_url=os.environ["OPENROUTER_BASE_URL"], api_key=os.environ["OPENROUTER_API_KEY"]
)
model = OpenRouterModel("openai/gpt-4o-mini", provider=OpenRouterProvider(openai_client=client))
plain = Agent(model).run_sync("Hello")
assert plain.output
assert plain.usage.output_tokens > 0
typed = Agent(model, output_type=City).run_sync("Which city? Lisbon.")
assert isinstance(typed.output, City)
