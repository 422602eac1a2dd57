"""Reasoning details: putting streamed fragments together, and choosing what to send back.

Entries are plain JSON throughout: an unknown `type` or field survives. Pure functions; called by the
accumulator and by both adapters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

ReasoningDetail = dict[str, Any]
ReplayPolicy = Literal["auto", "all", "signed-only", "none"]

ANTHROPIC = "anthropic-claude-v1"
GOOGLE = "google-gemini-v1"
OPENAI = "openai-responses-v1"
SIGNING_FORMATS = frozenset({ANTHROPIC, GOOGLE})
"""Formats whose providers refuse text that carries no signature."""

_READERS = {
    "anthropic": ("anthropic",),
    "google": ("google",),
    "openai": ("openai",),
    "xai": ("x-ai",),
    "meta": ("meta", "meta-llama"),
}
"""Whose models read what a format seals, by the format's first word ("xai-responses-v1")."""

_JOINED = ("text", "summary", "data")


def merge_reasoning_details(fragments: Iterable[Mapping[str, Any]]) -> list[ReasoningDetail]:
    """Join the fragments of each reasoning block into one entry.

    Fragments of one block share `type` and `index`: their text, summary or data is joined in order,
    and of every other field the last value that is neither null nor "" is kept. Two different ids are two blocks.
    Fragments without an index stand alone. An encrypted block that arrives twice is kept once.

    Returns:
        New entries, in the order in which their first fragments came.
    """
    blocks: list[_Block] = []
    open_blocks: dict[tuple[Any, Any], _Block] = {}
    for fragment in fragments:
        if fragment.get("index") is None:
            blocks.append(_Block(fragment))
            continue
        at = (fragment.get("type"), fragment["index"])
        block = open_blocks.get(at)
        if block is None or block.is_other_than(fragment):
            block = open_blocks[at] = _Block(fragment)
            blocks.append(block)
        elif not block.repeats(fragment):
            block.add(fragment)
    return [block.entry() for block in blocks]


class _Block:
    """One reasoning block while its fragments come in."""

    __slots__ = ("_fields", "_pieces")

    def __init__(self, fragment: Mapping[str, Any]) -> None:
        self._fields: ReasoningDetail = {}
        self._pieces: dict[str, list[str]] = {}
        self.add(fragment)

    def add(self, fragment: Mapping[str, Any]) -> None:
        for key, value in fragment.items():
            if key in _JOINED and isinstance(value, str):
                self._pieces.setdefault(key, []).append(value)
                self._fields[key] = None  # keeps the place of the key
            elif key not in self._fields or not (value is None or value == ""):
                self._fields[key] = value

    def is_other_than(self, fragment: Mapping[str, Any]) -> bool:
        """Whether both carry an id and the ids differ."""
        ours, theirs = self._fields.get("id"), fragment.get("id")
        return bool(ours and theirs and ours != theirs)

    def repeats(self, fragment: Mapping[str, Any]) -> bool:
        """Whether the fragment is this encrypted block once more (it is never sent in pieces)."""
        data = fragment.get("data")
        return bool(data) and self._pieces.get("data") == [data]

    def entry(self) -> ReasoningDetail:
        joined = {key: "".join(pieces) for key, pieces in self._pieces.items()}
        return {**self._fields, **joined}


def replayable(
    details: Iterable[Mapping[str, Any]], policy: ReplayPolicy = "auto"
) -> list[ReasoningDetail]:
    """Choose the entries to send back on an assistant message.

    Args:
        details: The entries as received, or a history's fragments of them.
        policy: "all" sends the array exactly as it is; "signed-only" those with a signature or encrypted data;
            "none" nothing. "auto" sends all but unsigned text of formats that sign, which Anthropic
            and Gemini refuse.

    Returns:
        Entries unchanged and in order. Unless the policy is "all", fragments of a block that an
        older client stored apart are joined, and signed entries that stand twice are sent once.
    """
    if policy == "none":
        return []
    if policy == "all":
        return [dict(entry) for entry in details]
    entries = _without_copies([dict(entry) for entry in details])
    if _are_fragmented(entries):
        entries = merge_reasoning_details(entries)
    return [entry for entry in entries if _may_go(entry, policy)]


def signed_text(text: str, signature: str, form: str) -> ReasoningDetail:
    """Return the detail for a thought that a model of Claude or Gemini signed."""
    return {"type": "reasoning.text", "text": text, "signature": signature, "format": form}


def encrypted(data: str, form: str, identity: str | None = None) -> ReasoningDetail:
    """Return the detail for what only its maker can read; Gemini's bears the id of the call it signs."""
    detail = {"type": "reasoning.encrypted", "data": data, "format": form}
    return {**detail, "id": identity} if identity else detail


def of_openai_item(identity: Any, summary: str | None, data: str | None) -> list[ReasoningDetail]:
    """Return the details for a reasoning item of OpenAI's Responses API."""
    shared = {"format": OPENAI, "id": identity, "index": 0}
    details = [{"type": "reasoning.summary", "summary": summary, **shared}] if summary else []
    return [*details, {"type": "reasoning.encrypted", "data": data, **shared}] if data else details


def is_sealed(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is signed or encrypted, so that only who made it can use it."""
    return bool(entry.get("signature") or entry.get("data"))


def is_foreign(entry: Mapping[str, Any], vendor: str) -> bool:
    """Whether an entry was sealed for the models of another vendor than this one.

    Args:
        vendor: The part of a model's name before the slash, e.g. "anthropic".
    """
    origin = str(entry.get("format") or "").removeprefix("azure-").removeprefix("bedrock-")
    readers = _READERS.get(origin.partition("-")[0])
    return readers is not None and vendor not in readers and is_sealed(entry)


def _may_go(entry: Mapping[str, Any], policy: ReplayPolicy) -> bool:
    if is_sealed(entry):
        return True
    if policy == "signed-only":
        return False
    return entry.get("type") != "reasoning.text" or str(entry.get("format")) not in SIGNING_FORMATS


def _are_fragmented(entries: list[Any]) -> bool:
    """Whether a block stands there in pieces: the same type and index, without two ids."""
    seen: set[tuple[str, ...]] = set()
    for entry in entries:
        if entry.get("index") is None or entry.get("type") == "reasoning.encrypted":
            continue
        at = tuple(str(entry.get(name)) for name in ("type", "index", "id"))
        if at in seen:
            return True
        seen.add(at)
    return False


def _without_copies(entries: list[ReasoningDetail]) -> list[ReasoningDetail]:
    """Leave out the second of two equal signed entries, and of an array that holds itself twice."""
    for size in range(1, len(entries) // 2 + 1):
        times = len(entries) // size
        if any(map(is_sealed, entries[:size])) and entries[:size] * times == entries:
            return entries[:size]
    kept: list[ReasoningDetail] = []
    for entry in entries:
        if not (is_sealed(entry) and entry in kept):
            kept.append(entry)
    return kept
