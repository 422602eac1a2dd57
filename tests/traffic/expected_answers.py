"""What a recorded chat answer says, read straight off the wire.

This reader is the judge of the packages under test, so it shares no code with them: a plain pass over
the JSON, slow and obvious. It knows how OpenRouter spells things, not how any client shows them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from .recordings import Recording

JsonObject = dict[str, Any]
_ENVELOPE = {"id", "object", "created", "model", "provider", "choices", "usage", "error"}


@dataclass
class ToolCall:
    """A tool call as it was asked for: the argument text is kept byte for byte."""

    id: str | None
    name: str | None
    arguments: str


@dataclass
class Answer:
    """Everything that one chat answer says. Both what the wire says and what a client showed of it."""

    text: str = ""
    reasoning: str | None = None
    reasoning_details: list[JsonObject] | None = None
    tool_calls: list[ToolCall] = field(default_factory=list[ToolCall])
    invalid_tool_calls: list[ToolCall] = field(default_factory=list[ToolCall])
    tokens: tuple[int | None, int | None, int | None] = (None, None, None)
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost: float | None = None
    generation_id: str | None = None
    model: str | None = None
    provider: str | None = None
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    citations: list[Any] = field(default_factory=list[Any])
    refusal: str | None = None
    logprobs: Any = None
    images: list[JsonObject] = field(default_factory=list[JsonObject])
    extra: JsonObject = field(default_factory=dict[str, Any])


@dataclass
class Failure:
    """A failure that the wire reported."""

    error_class: str
    status: int
    code: int | str | None
    sentences: list[str]
    """Texts that the user must get to see: the message, or the provider's own words behind it."""
    body: Any
    provider: str | None = None
    midstream: bool = False
    partial: Answer | None = None


Expected = Answer | Failure


def answer_of(recording: Recording) -> Answer:
    """The answer that the recording holds."""
    expected = read(recording)
    assert isinstance(expected, Answer)
    return expected


def framework_answer_of(recording: Recording) -> Answer:
    """The same for a framework.

    Calls that ended in `stop` or nothing end in `tool_calls` (quirks.md D6), and where `reasoning`
    is absent, the text of the details is what a user gets to read.
    """
    answer = answer_of(recording)
    details = answer.reasoning_details or []
    readable = "".join(d.get("text") or d.get("summary") or "" for d in details)
    called = answer.tool_calls or answer.invalid_tool_calls
    ended = answer.finish_reason
    return replace(
        answer,
        finish_reason="tool_calls" if called and ended in (None, "stop") else ended,
        reasoning=answer.reasoning or readable or None,
    )


def failure_of(recording: Recording) -> Failure:
    """The failure that the recording holds."""
    expected = read(recording)
    assert isinstance(expected, Failure)
    return expected


@cache
def read(recording: Recording) -> Expected:
    """Read what the recording says. Not to be changed: every column shares it."""
    if recording.sse is not None:
        return _read_stream(events(recording.sse))
    return _read_body(recording.status, recording.body)


def events(sse: str) -> list[JsonObject]:
    """The JSON events of an event stream, up to [DONE]."""
    payloads = [line[5:].strip() for line in sse.split("\n") if line.startswith("data:")]
    if "[DONE]" in payloads:
        payloads = payloads[: payloads.index("[DONE]")]
    return [json.loads(p) for p in payloads]


def _read_body(status: int, body: Any) -> Expected:
    if status >= 400 or body.get("error"):
        return _failure(status, body)
    choice = body["choices"][0]
    if choice.get("error"):
        return _failure(status, {**body, "error": choice["error"]})
    message = choice["message"]
    return Answer(
        text=message.get("content") or "",
        reasoning=message.get("reasoning") or message.get("reasoning_content") or None,
        reasoning_details=message.get("reasoning_details"),
        finish_reason=choice.get("finish_reason"),
        native_finish_reason=choice.get("native_finish_reason"),
        citations=(message.get("annotations") or []) + (body.get("citations") or []),
        refusal=message.get("refusal") or None,
        logprobs=choice.get("logprobs"),
        images=message.get("images") or [],
        **_calls([_whole_call(c) for c in message.get("tool_calls") or []]),
        **_envelope([body]),
    )


def _whole_call(call: JsonObject) -> ToolCall:
    function = call["function"]
    return ToolCall(call.get("id"), function.get("name"), function.get("arguments") or "")


def _read_stream(chunks: list[JsonObject]) -> Expected:
    """A failure is mid-stream when something came before it; else nobody has seen a stream yet."""
    failing = next((i for i, chunk in enumerate(chunks) if chunk.get("error")), None)
    if failing is None:
        return _sum(chunks)
    failure = _failure(200, chunks[failing])
    if failing:
        failure.midstream, failure.partial = True, _sum(chunks[:failing])
    return failure


def _sum(chunks: list[JsonObject]) -> Answer:
    choices = [choice for chunk in chunks for choice in chunk.get("choices") or []]
    deltas = [choice.get("delta") or {} for choice in choices]
    finish, native = _finish(choices)
    citations = [a for d in deltas for a in d.get("annotations") or []]
    for chunk in chunks:
        citations += chunk.get("citations") or []
    return Answer(
        text=_joined(deltas, "content") or "",
        reasoning=_joined(deltas, "reasoning") or _joined(deltas, "reasoning_content") or None,
        reasoning_details=_merged_details(deltas),
        finish_reason=finish,
        native_finish_reason=native,
        citations=citations,
        refusal=_joined(deltas, "refusal") or None,
        logprobs=_joined_logprobs(choices),
        images=[i for d in deltas for i in d.get("images") or []],
        **_calls(_joined_calls(deltas)),
        **_envelope(chunks),
    )


def _joined(deltas: list[JsonObject], key: str) -> str | None:
    pieces = [d[key] for d in deltas if d.get(key) is not None]
    return "".join(pieces) if pieces else None


def _merged_details(deltas: list[JsonObject]) -> list[JsonObject] | None:
    """One entry per (type, index), in order of first sight; entries without an index stay alone."""
    lists = [d["reasoning_details"] for d in deltas if d.get("reasoning_details") is not None]
    if not lists:
        return None
    merged: list[JsonObject] = []
    for piece in (piece for each in lists for piece in each):
        key = piece.get("type"), piece.get("index")
        same = [m for m in merged if (m.get("type"), m.get("index")) == key]
        if key[1] is None or not same:
            merged.append(dict(piece))
        else:
            _extend(same[0], piece)
    return merged


def _extend(entry: JsonObject, piece: JsonObject) -> None:
    for name, value in piece.items():
        if name in ("text", "summary", "data") and isinstance(entry.get(name), str):
            entry[name] += value or ""
        elif value is not None or name not in entry:
            entry[name] = value


def _joined_calls(deltas: list[JsonObject]) -> list[ToolCall]:
    """Pieces with one index are one call, unless a piece brings another id."""
    calls: list[ToolCall] = []
    latest: dict[int | None, ToolCall] = {}
    for piece in (piece for d in deltas for piece in d.get("tool_calls") or []):
        function = piece.get("function") or {}
        call = latest.get(piece.get("index"))
        if call is None or (piece.get("id") and call.id and piece["id"] != call.id):
            call = ToolCall(None, None, "")
            calls.append(call)
            latest[piece.get("index")] = call
        call.id = call.id or piece.get("id") or None
        call.name = call.name or function.get("name") or None
        call.arguments += function.get("arguments") or ""
    return calls


def _calls(calls: list[ToolCall]) -> dict[str, list[ToolCall]]:
    valid = [c for c in calls if is_valid(c.arguments)]
    return {"tool_calls": valid, "invalid_tool_calls": [c for c in calls if c not in valid]}


def is_valid(arguments: str) -> bool:
    """Whether the arguments can be used: a JSON object, or nothing at all for a call without any."""
    return arguments.strip() in ("", "null", "[]") or object_in(arguments) is not None


def object_in(arguments: str) -> JsonObject | None:
    """The object that arguments mean, also after an empty placeholder or encoded twice; else None."""
    try:
        value = json.loads(re.sub(r"^\s*\{\}\s*(?=\{)", "", arguments), strict=False)
        value = json.loads(value, strict=False) if isinstance(value, str) else value
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _finish(choices: list[JsonObject]) -> tuple[str | None, str | None]:
    """`tool_calls` wins, else the first reason; the native reason is the one that came with it."""
    reasons = [c["finish_reason"] for c in choices if c.get("finish_reason")]
    if not reasons:
        return None, None
    kept = "tool_calls" if "tool_calls" in reasons else reasons[0]
    natives = [c.get("native_finish_reason") for c in choices if c.get("finish_reason") == kept]
    return kept, next((n for n in natives if n), None)


def _joined_logprobs(choices: list[JsonObject]) -> Any:
    given = [c["logprobs"] for c in choices if c.get("logprobs") is not None]
    joined: JsonObject = {}
    for key in ("content", "refusal"):
        lists = [s[key] for s in given if s.get(key) is not None]
        if lists or any(key in s for s in given):
            joined[key] = [entry for each in lists for entry in each] if lists else None
    return joined or None


def _envelope(bodies: list[JsonObject]) -> JsonObject:
    usage = next((b["usage"] for b in reversed(bodies) if b.get("usage")), {})
    extra = {
        key: _first(bodies, key)
        for body in bodies
        for key, value in body.items()
        if key not in _ENVELOPE and key != "citations" and value is not None
    }
    return {
        "generation_id": _first(bodies, "id"),
        "model": _first(bodies, "model"),
        "provider": _first(bodies, "provider"),
        "tokens": tuple(usage.get(f"{k}_tokens") for k in ("prompt", "completion", "total")),
        "cached_tokens": (usage.get("prompt_tokens_details") or {}).get("cached_tokens"),
        "reasoning_tokens": (usage.get("completion_tokens_details") or {}).get("reasoning_tokens"),
        "cost": usage.get("cost"),
        "extra": extra,
    }


def _first(bodies: list[JsonObject], key: str) -> Any:
    return next((b[key] for b in bodies if b.get(key) is not None), None)


_CLASS_OF_STATUS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    402: "PaymentRequiredError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    408: "EdgeTimeoutError",
    409: "ConflictError",
    413: "PayloadTooLargeError",
    422: "UnprocessableError",
    429: "RateLimitError",
    500: "ServerError",
    502: "ServerError",
    503: "ProviderOverloadedError",
    504: "EdgeTimeoutError",
    524: "EdgeTimeoutError",
    529: "ProviderOverloadedError",
}


def _failure(status: int, holder: JsonObject) -> Failure:
    error = holder["error"]
    code = error.get("code")
    stands_for = status if status >= 400 else code
    metadata = error.get("metadata") or {}
    return Failure(
        error_class=_error_class(stands_for, error["message"]),
        status=stands_for,
        code=code,
        sentences=_texts(error["message"], metadata.get("raw")),
        body=holder,
        provider=metadata.get("provider_name"),
    )


def _error_class(status: int, message: str) -> str:
    if status == 404 and "No endpoints found" in message:
        return "NoEndpointsError"
    if status == 400 and "maximum context length" in message:
        return "ContextLengthError"
    return _CLASS_OF_STATUS[status]


def _texts(message: str, raw: Any) -> list[str]:
    """The message, and what stands behind "Provider returned error"."""
    sentences = [] if message == "Provider returned error" else [message.strip().rstrip(".")]
    behind = _provider_words(raw) if isinstance(raw, str) else None
    return [*sentences, behind] if behind else sentences or [message]


def _provider_words(raw: str) -> str | None:
    """The sentence inside a provider's JSON, or the start of a text that is not JSON."""
    try:
        body = json.loads(raw)
    except ValueError:
        return raw[:100].strip()
    inner = body.get("error", body) if isinstance(body, dict) else None
    words = inner.get("message") or inner.get("detail") if isinstance(inner, dict) else inner
    return words if isinstance(words, str) else None
