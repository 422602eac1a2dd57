"""One reasoning detail to one ThinkingBlock, and back unchanged. Pure; used in both directions.

The block's `content` holds the readable text, `additional_information` every other field of the detail
as it came. So signatures, formats, ids and encrypted data survive chat memory and JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llama_index.core.base.llms.types import ThinkingBlock

_TEXT_KEYS = {"reasoning.text": "text", "reasoning.summary": "summary"}
"""Where a detail of a known type keeps its readable text. Other types are kept whole."""


def thinking_block(detail: Mapping[str, Any]) -> ThinkingBlock:
    """Return the block that stands for a reasoning detail. Encrypted data is carried, not shown."""
    information = dict(detail)
    key = _TEXT_KEYS.get(str(detail.get("type")))
    content = information.pop(key) if key and isinstance(detail.get(key), str) else None
    return ThinkingBlock(content=content, additional_information=information)


def detail_of(block: ThinkingBlock) -> dict[str, Any] | None:
    """Return the reasoning detail that a block stands for; None for plain text of unknown origin."""
    information = block.additional_information
    if "type" not in information:
        return None
    key = _TEXT_KEYS.get(str(information["type"]))
    if key is None or block.content is None:
        return dict(information)
    return {"type": information["type"], key: block.content, **information}


def plain_thinking(text: str) -> ThinkingBlock:
    """Return a block for reasoning that came as text alone."""
    return ThinkingBlock(content=text)
