"""One reasoning detail to one ThinkingBlock, and back unchanged. Pure; used in both directions.

The block's `content` holds the readable text, `additional_information` every other field of the detail
as it came. So signatures, formats, ids and encrypted data survive chat memory and JSON.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from llama_index.core.base.llms.types import ThinkingBlock

from openrouter_core.chat.reasoning import (
    ANTHROPIC,
    GOOGLE,
    encrypted,
    of_openai_item,
    signed_text,
)

_TEXT_KEYS = {"reasoning.text": "text", "reasoning.summary": "summary"}
"""Where a detail of a known type keeps its readable text. Other types are kept whole."""


def thinking_block(detail: Mapping[str, Any]) -> ThinkingBlock:
    """Return the block that stands for a reasoning detail. Encrypted data is carried, not shown."""
    information = dict(detail)
    key = _TEXT_KEYS.get(str(detail.get("type")))
    content = information.pop(key) if key and isinstance(detail.get(key), str) else None
    return ThinkingBlock(content=content, additional_information=information)


def details_of(block: ThinkingBlock) -> list[dict[str, Any]]:
    """Return the reasoning details that a block stands for; none for plain text of unknown origin.

    Blocks of LlamaIndex's packages for Anthropic, Google and OpenAI are read as well.
    """
    information = block.additional_information
    kind = str(information.get("type"))
    if kind.startswith("reasoning."):
        return [_own_detail(block, kind)]
    if kind == "reasoning" or "encrypted_content" in information:
        return of_openai_item(
            information.get("id"), block.content, information.get("encrypted_content")
        )
    if kind == "redacted_thinking":
        return [encrypted(information["data"], ANTHROPIC)]
    if signature := information.get("thought_signature"):
        return [signed_text(block.content or "", base64_text(signature), GOOGLE)]
    if signature := information.get("signature"):
        return [signed_text(block.content or "", signature, ANTHROPIC)]
    return []


def _own_detail(block: ThinkingBlock, kind: str) -> dict[str, Any]:
    information = block.additional_information
    key = _TEXT_KEYS.get(kind)
    if key is None or block.content is None:
        return dict(information)
    return {"type": information["type"], key: block.content, **information}


def base64_text(data: str | bytes) -> str:
    """Return a signature as text; Google's package keeps the bytes."""
    return b64encode(data).decode("ascii") if isinstance(data, bytes) else data


def plain_thinking(text: str) -> ThinkingBlock:
    """Return a block for reasoning that came as text alone."""
    return ThinkingBlock(content=text)
