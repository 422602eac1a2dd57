"""An agent answers in text, and fills a class."""

from pydantic import BaseModel


class City(BaseModel):
    name: str


plain = agent.run_sync("Hello")
assert plain.output
assert plain.usage.output_tokens > 0
typed = Agent(model, output_type=City).run_sync("Which city? Lisbon.")
assert isinstance(typed.output, City)
