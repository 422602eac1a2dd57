"""A content part in its wire form among the blocks of a LlamaIndex message.

For what LlamaIndex has no block for: uploaded files, `prompt_cache_breakpoint`, parts newer than this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from llama_index.core.base.llms.types import ThinkingBlock

from openrouter_core.chat.field_docs import FieldDocs

_KEY = "openrouter_part"


class WireBlock(FieldDocs, ThinkingBlock):
    """One content part, sent exactly as it is given.

    LlamaIndex's union of blocks is closed, so this is one of its own, a `ThinkingBlock` without thoughts that
    holds the part in `additional_information`. So it survives `ChatMessage`, JSON, memories and chat stores; read
    back it is a plain `ThinkingBlock`, and is still sent as the part. Other packages send nothing for it.

    Args:
        part: The part, e.g. `{"type": "file", "file": {"file_id": "file-..."}}`. It must be JSON.
    """

    other_field_docs: ClassVar[Mapping[str, str]] = {
        "block_type": "LlamaIndex's name for the block."
    }

    def __init__(self, part: Mapping[str, Any] | None = None, **fields: Any) -> None:
        if part is not None:
            fields["additional_information"] = {_KEY: dict(part)}
        super().__init__(**fields)


def wire_part(block: ThinkingBlock) -> dict[str, Any] | None:
    """Return the part that a block holds; None when it holds thoughts."""
    part = block.additional_information.get(_KEY)
    return cast("dict[str, Any]", dict(part)) if isinstance(part, dict) else None
