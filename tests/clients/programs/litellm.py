"""A call, a stream and a tool."""

assert answer.choices[0].message.content
assert answer.usage.total_tokens > 0

ask = {
    "model": "openrouter/openai/gpt-4o-mini",
    "messages": [{"role": "user", "content": "What is the population of the city Lisbon?"}],
    "api_base": os.environ["OPENROUTER_BASE_URL"],
    "api_key": os.environ["OPENROUTER_API_KEY"],
}
whole = litellm.completion(**ask).choices[0].message.content
pieces = list(litellm.completion(**ask, stream=True))
assert "".join(p.choices[0].delta.content or "" for p in pieces) == whole

schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
tool = {"type": "function", "function": {"name": "population", "parameters": schema}}
called = litellm.completion(**ask, tools=[tool])
assert called.choices[0].message.tool_calls[0].function.name == "population"
