"""A model as the judge of an answer, named by a string and given as an object."""

from langchain.chat_models import init_chat_model
from openevals.llm import create_llm_as_judge
from openevals.prompts import CONCISENESS_PROMPT

from langchain_openrouter import ChatOpenRouter

for judge in (
    init_chat_model("openrouter:openai/gpt-5.5", temperature=0),
    ChatOpenRouter(model="anthropic/claude-sonnet-4.5"),
):
    evaluate = create_llm_as_judge(prompt=CONCISENESS_PROMPT, judge=judge)
    result = evaluate(inputs="How many people live in Lisbon?", outputs="570,000")
    assert set(result) >= {"key", "score"}, result
