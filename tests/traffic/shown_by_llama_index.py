"""What the LlamaIndex adapter shows of an answer, in the shape of the expected answer."""

from __future__ import annotations

from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    CitationBlock,
    ImageBlock,
    ThinkingBlock,
    ToolCallBlock,
)

from .expected_answers import Answer, ToolCall, is_valid

_ENVELOPE = {"id", "object", "created", "model", "provider", "choices", "usage", "citations"}
_TEXT_OF = {"reasoning.text": "text", "reasoning.summary": "summary"}


def of_response(response: ChatResponse) -> Answer:
    """Read a whole response: its message's blocks first, its notes next, `raw` for the rest."""
    message, notes, raw = response.message, response.additional_kwargs, response.raw
    usage = raw.get("usage") or {}
    refusal = message.additional_kwargs.get("refusal")
    return Answer(
        text=(message.content or "") if message.content != refusal else "",  # shown as text as well
        reasoning=reasoning_of(message),
        reasoning_details=details_of(message),
        finish_reason=notes.get("finish_reason"),
        native_finish_reason=notes.get("native_finish_reason"),
        citations=_citations(message) + (raw.get("citations") or []),
        refusal=refusal,
        logprobs=_logprobs(response),
        images=_images(response),
        generation_id=notes.get("generation_id"),
        model=notes.get("model"),
        provider=notes.get("provider"),
        tokens=tuple(notes.get(f"{k}_tokens") for k in ("prompt", "completion", "total")),  # type: ignore[arg-type]  # three of them
        cached_tokens=(usage.get("prompt_tokens_details") or {}).get("cached_tokens"),
        reasoning_tokens=(usage.get("completion_tokens_details") or {}).get("reasoning_tokens"),
        cost=notes.get("cost"),
        extra={k: v for k, v in raw.items() if k not in _ENVELOPE and v is not None},
        **_calls(message),
    )


def details_of(message: ChatMessage) -> list[dict[str, Any]] | None:
    """The reasoning details that the message carries, put back into wire form."""
    blocks = [b for b in message.blocks if isinstance(b, ThinkingBlock)]
    details = [_detail(b) for b in blocks if "type" in b.additional_information]
    return details or message.additional_kwargs.get("reasoning_details")


def _detail(block: ThinkingBlock) -> dict[str, Any]:
    information = dict(block.additional_information)
    key = _TEXT_OF.get(information["type"])
    if key and block.content is not None:
        information[key] = block.content
    return information


def reasoning_of(message: ChatMessage) -> str | None:
    """The reasoning text that a user reads off the thinking blocks."""
    texts = [b.content for b in message.blocks if isinstance(b, ThinkingBlock) and b.content]
    return "".join(texts) or None


def _citations(message: ChatMessage) -> list[Any]:
    annotations = message.additional_kwargs.get("annotations") or []
    shown = [b.source for b in message.blocks if isinstance(b, CitationBlock)]
    cited = [a["url_citation"]["url"] for a in annotations if a["type"] == "url_citation"]
    return annotations if shown == cited else [*annotations, f"blocks show {shown}"]


def _images(response: ChatResponse) -> list[Any]:
    """The images of the reply, if the message has a block with the same URL for each."""
    wire = (response.raw or {})["choices"][0]["message"].get("images") or []
    shown = [_url_of(b) for b in response.message.blocks if isinstance(b, ImageBlock)]
    return wire if shown == [i["image_url"]["url"] for i in wire] else shown


def _url_of(block: ImageBlock) -> str:
    if isinstance(block.image, bytes):
        return f"data:{block.image_mimetype};base64,{block.image.decode()}"
    return str(block.url)


def _logprobs(response: ChatResponse) -> Any:
    wire = (response.raw or {})["choices"][0].get("logprobs")
    tokens = wire.get("content") if isinstance(wire, dict) else None
    shown = len(response.logprobs or [])
    return wire if shown == len(tokens or []) else f"{shown} of {len(tokens or [])} tokens shown"


def _calls(message: ChatMessage) -> dict[str, list[ToolCall]]:
    blocks = [b for b in message.blocks if isinstance(b, ToolCallBlock)]
    calls = [ToolCall(b.tool_call_id, b.tool_name, _arguments(b.tool_kwargs)) for b in blocks]
    valid = [c for c in calls if is_valid(c.arguments)]
    return {"tool_calls": valid, "invalid_tool_calls": [c for c in calls if c not in valid]}


def _arguments(tool_kwargs: dict[str, Any] | str) -> str:
    return tool_kwargs if isinstance(tool_kwargs, str) else str(tool_kwargs or "")
