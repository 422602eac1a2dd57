"""DSPy asks by its own adapters: fields in the text, and JSON."""

import os

import dspy

lm = dspy.LM(
    "openrouter/openai/gpt-4o-mini",
    api_base=os.environ["OPENROUTER_BASE_URL"],
    api_key=os.environ["OPENROUTER_API_KEY"],
    cache=False,
)
with dspy.context(lm=lm, adapter=dspy.JSONAdapter()):
    answer = dspy.Predict("question -> answer: str, n: int")(question="How many?")
assert isinstance(answer.n, int), answer
assert lm("Hello")[0]
