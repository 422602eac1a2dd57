"""Rails around a model that was handed in."""

from nemoguardrails import LLMRails, RailsConfig

from langchain_openrouter import ChatOpenRouter

config = RailsConfig.from_content(
    yaml_content="instructions:\n  - type: general\n    content: You are brief.\n"
)
rails = LLMRails(config, llm=ChatOpenRouter(model="openai/gpt-4o-mini"))
answer = rails.generate(messages=[{"role": "user", "content": "Hello there"}])

assert answer["role"] == "assistant", answer
assert answer["content"]
