"""An extractor fills a class by tool calls, and mends what does not validate."""

from pydantic import BaseModel, Field
from trustcall import create_extractor

from langchain_openrouter import ChatOpenRouter


class City(BaseModel):
    """A city."""

    name: str
    population: int = Field(ge=0)


extractor = create_extractor(
    ChatOpenRouter(model="openai/gpt-4o-mini"), tools=[City], tool_choice="City"
)
result = extractor.invoke("The city is Lisbon, its population is 570000.")

[city] = result["responses"]
assert isinstance(city, City), result
assert result["messages"][-1].response_metadata["cost"] > 0
