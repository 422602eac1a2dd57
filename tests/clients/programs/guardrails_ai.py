"""A guard at the end of a chain."""

from guardrails import Guard
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate

from langchain_openrouter import ChatOpenRouter

model = ChatOpenRouter(model="openai/gpt-4o-mini")
chain = ChatPromptTemplate.from_template("Say {word}.") | model | Guard().to_runnable()
chain |= StrOutputParser()

assert chain.invoke({"word": "hello"})
