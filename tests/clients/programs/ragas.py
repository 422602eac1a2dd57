"""A metric asks for several answers: one request each, for OpenRouter gives one per call."""

import asyncio

from langchain_core.prompt_values import StringPromptValue
from ragas.llms import LangchainLLMWrapper

from langchain_openrouter import ChatOpenRouter
from openrouter_core.costs import track_openrouter_cost

model = ChatOpenRouter(model="openai/gpt-4o-mini")
with track_openrouter_cost() as spent:
    result = asyncio.run(
        LangchainLLMWrapper(model).generate(StringPromptValue(text="Say hello."), n=3)
    )

assert len(result.generations[0]) == 3, result
assert len(spent.calls) == 3
assert not hasattr(model, "n")
