"""Fields are filled from JSON, with their types."""

answer = dspy.Predict("question -> answer: str, n: int")(question="How many?")
assert isinstance(answer.n, int), answer
assert lm("Hello")[0]
