"""LiteLLM's own OpenRouter provider: a call, a stream, tools and embeddings."""

import os

import litellm

settings = {
    "api_base": os.environ["OPENROUTER_BASE_URL"],
    "api_key": os.environ["OPENROUTER_API_KEY"],
}
ask = [{"role": "user", "content": "What is the population of the city Lisbon?"}]
model = "openrouter/openai/gpt-4o-mini"
answer = litellm.completion(model=model, messages=ask, **settings)
assert answer.choices[0].message.content
assert answer.usage.total_tokens > 0

pieces = list(litellm.completion(model=model, messages=ask, stream=True, **settings))
assert (
    "".join(p.choices[0].delta.content or "" for p in pieces) == answer.choices[0].message.content
)

schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
tool = {"type": "function", "function": {"name": "population", "parameters": schema}}
called = litellm.completion(model=model, messages=ask, tools=[tool], **settings)
assert called.choices[0].message.tool_calls[0].function.name == "population"
