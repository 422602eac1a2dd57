"""Semantic Kernel's OpenAI service: a call and a stream."""

import asyncio
import os

from openai import AsyncOpenAI
from semantic_kernel.connectors.ai.open_ai import (
    OpenAIChatCompletion,
    OpenAIChatPromptExecutionSettings,
)
from semantic_kernel.contents import ChatHistory


async def main():
    client = AsyncOpenAI(
        base_url=os.environ["OPENROUTER_BASE_URL"], api_key=os.environ["OPENROUTER_API_KEY"]
    )
    service = OpenAIChatCompletion(ai_model_id="openai/gpt-4o-mini", async_client=client)
    history = ChatHistory()
    history.add_user_message("Hello")
    settings = OpenAIChatPromptExecutionSettings()
    whole = await service.get_chat_message_content(history, settings)
    pieces = [p async for p in service.get_streaming_chat_message_content(history, settings)]
    return str(whole), "".join(str(piece) for piece in pieces)


whole, streamed = asyncio.run(main())
assert whole
assert streamed == whole
