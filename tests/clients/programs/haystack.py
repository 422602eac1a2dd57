"""Haystack: a chat generator over the OpenAI protocol, called and streamed."""

import os

from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.utils import Secret

generator = OpenAIChatGenerator(
    api_key=Secret.from_env_var("OPENROUTER_API_KEY"),
    api_base_url=os.environ["OPENROUTER_BASE_URL"],
    model="openai/gpt-4o-mini",
)
[reply] = generator.run([ChatMessage.from_user("Hello")])["replies"]
assert reply.text
pieces = []
[streamed] = generator.run([ChatMessage.from_user("Hello")], streaming_callback=pieces.append)[
    "replies"
]
assert streamed.text == reply.text
assert len(pieces) > 1
