"""One turn of a model, whatever shape it was asked in: check, choose, answer, count, price.

Called by the handlers of chat, completions, responses and messages with a body in the shape of chat; each
writes the `Turn` out in its own shape. The turn is booked when the answer's end is known.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openrouter_emulator import books, brain, chunks, dialects, generating, replay, validate
from openrouter_emulator.answers import Ask
from openrouter_emulator.books import Bill, Usage
from openrouter_emulator.caching import cache_use
from openrouter_emulator.drafts import COMMENT, DONE, Closing, Draft, JsonObject, Part, Pause
from openrouter_emulator.replies import Raw, Reply, ToolCall, as_reply
from openrouter_emulator.routing import Chosen, choose

_SEARCH_PRICE = Decimal("0.007")
_OCR_PRICE = Decimal("0.002")
_IMAGE_TOKENS = 1_290


@dataclass(frozen=True, slots=True)
class Turn:
    """What a model answered, and what it costs."""

    ask: Ask
    body: JsonObject
    """The request in the shape of chat."""
    chosen: Chosen
    reply: Reply
    """What is shown: with ids, cut at limits, without hidden reasoning."""
    usage: Usage
    bill: Bill
    envelope: chunks.Envelope
    closing: Closing

    @property
    def finish(self) -> tuple[str | None, str | None]:
        """The finish reason, and the provider's own."""
        return chunks.finish_of(self.reply, self.envelope.manner)

    def draft(self, body: JsonObject) -> Draft:
        """An answer that is not streamed."""
        shown = {**body, **generating.router_metadata(self.ask, self.chosen)}
        return Draft([shown], headers=self.headers, closing=self.closing)

    def streamed(self, parts: Sequence[Part], *, named: bool = False) -> Draft:
        """A stream of events behind the comments and the wait that are set."""
        settings = self.ask.state.settings
        lead: list[Part] = [COMMENT] * settings.comments
        if settings.first_event_delay_s:
            lead.append(Pause(settings.first_event_delay_s))
        return Draft(
            [*lead, *parts],
            headers=self.headers,
            streamed=True,
            named=named,
            gap_s=settings.chunk_gap_s,
            closing=self.closing,
        )

    @property
    def headers(self) -> dict[str, str]:
        """The headers that name the generation."""
        return {"X-Generation-Id": self.envelope.id}


def take(ask: Ask, body: JsonObject, *, check_replay: bool = False) -> Turn | Draft:
    """Let a model answer; a scripted `Raw` is a draft already.

    Args:
        body: The request in the shape of chat.
        check_replay: Whether reasoning has to come back as it was sent.
    """
    validate.chat(body)
    chosen = choose(body, ask.state.settings)
    validate.for_model(body, chosen.model)
    if ask.state.settings.dialects:
        dialects.check(body, chosen)
    if check_replay and ask.state.settings.check_reasoning:
        replay.check(body, chosen, ask.state)
    generating.admit(ask, chosen, body)
    scripted = ask.state.next_scripted()
    reply = brain.compose(body, chosen) if scripted is None else as_reply(scripted, body)
    if isinstance(reply, Raw):
        return _raw(reply, body)
    return _Taking(ask, body, chosen).turn(reply)


def _raw(reply: Raw, body: JsonObject) -> Draft:
    """Exact chunks or an exact body, as scripted."""
    if not body.get("stream"):
        return Draft(reply.chunks)
    return Draft([*reply.chunks, *([DONE] if reply.done else [])], streamed=True)


@dataclass
class _Taking:
    """A turn in the making."""

    ask: Ask
    body: JsonObject
    chosen: Chosen

    def turn(self, reply: Reply) -> Turn:
        started = time.monotonic()
        generation_id = generating.new_id("gen", self.ask)
        reply = brain.limited(self._with_ids(reply, generation_id), self.body)
        usage = self._usage(reply)
        hidden = brain.hides_reasoning(self.body)
        shown = reply.but(reasoning=None, reasoning_details=None) if hidden else reply
        envelope = self._envelope(shown, generation_id)
        if not hidden:
            replay.remember(shown, self.chosen.model.manner, self.ask.state)
        finished = generating.Finished(
            id=generation_id,
            api_type="completions",
            chosen=self.chosen,
            model=envelope.model,
            provider=envelope.provider,
            finish=chunks.finish_of(shown, envelope.manner),
            usage=usage,
            answer=shown.full_text,
            reasoning=shown.reasoning,
            started=started,
        )
        bill = generating.bill(usage, self.chosen, self.ask)
        closing = generating.closing(self.ask, finished)
        return Turn(self.ask, self.body, self.chosen, shown, usage, bill, envelope, closing)

    def _with_ids(self, reply: Reply, seed: str) -> Reply:
        """Give every tool call an id in the manner of the provider."""
        style = self.chosen.model.manner.ids
        before = sum(len(m.get("tool_calls") or []) for m in self.body["messages"])
        calls = [
            ToolCall(c.name, c.arguments, c.id or brain.call_id(style, c.name, seed, before + at))
            for at, c in enumerate(reply.tool_calls)
        ]
        return reply.but(tool_calls=calls)

    def _envelope(self, reply: Reply, generation_id: str) -> chunks.Envelope:
        tier = self.body.get("service_tier")
        return chunks.Envelope(
            generation_id,
            int(datetime.now(UTC).timestamp()),
            reply.model or self.chosen.model.slug,
            reply.provider or self.chosen.endpoint.provider,
            self.chosen.model.manner,
            {"auto": "default", "fast": "priority"}.get(str(tier), tier),
        )

    def _usage(self, reply: Reply) -> Usage:
        usage = Usage(books.prompt_tokens(self.body), extra=dict(reply.usage))
        usage.cached, usage.cache_write = cache_use(self.body, self.chosen.model, self.ask.state)
        thoughts = "".join(
            str(d.get("text") or d.get("summary") or "") for d in reply.reasoning_details or ()
        )
        usage.reasoning = books.count(reply.reasoning or thoughts)
        usage.image_out = _IMAGE_TOKENS * len(reply.images)
        usage.audio_out = books.count(reply.audio_transcript) * 4 if reply.audio else 0
        said = books.count(reply.full_text or "") + books.count(reply.refusal or "")
        said += sum(books.count(c.name) + books.count(c.text) for c in reply.tool_calls)
        usage.completion = said + usage.reasoning + usage.image_out + usage.audio_out
        usage.searches = reply.searches
        usage.extra_cost = self._extras(reply)
        _count_media(usage, self.body["messages"])
        return usage

    def _extras(self, reply: Reply) -> Decimal:
        """Searches that OpenRouter made, and files that it read with OCR."""
        cost = Decimal(0)
        if reply.searches and not self.chosen.model.manner.searches:
            cost += _SEARCH_PRICE * reply.searches
        plugins: list[JsonObject] = self.body.get("plugins") or []
        parsers = [p.get("pdf") or {} for p in plugins if p["id"] == "file-parser"]
        if any(pdf.get("engine") == "mistral-ocr" for pdf in parsers):
            known = _known_files(self.body["messages"])
            fresh = [a for a in reply.annotations if a["type"] == "file"]
            cost += _OCR_PRICE * sum(a["file"]["hash"] not in known for a in fresh)
        return cost


def _known_files(messages: Sequence[JsonObject]) -> set[str]:
    """Hashes of the files whose parse came back on an assistant message."""
    notes = [a for m in messages for a in m.get("annotations") or [] if a.get("type") == "file"]
    return {str(a["file"].get("hash")) for a in notes}


def _count_media(usage: Usage, messages: Sequence[JsonObject]) -> None:
    """Tokens of sound and video among the prompt's."""
    for message in messages:
        content: Any = message.get("content")
        for part in content if isinstance(content, list) else ():
            tokens = books.PART_TOKENS.get(part["type"], 0)
            usage.audio_in += tokens if part["type"] == "input_audio" else 0
            usage.video_in += tokens if part["type"] in {"video_url", "input_video"} else 0
