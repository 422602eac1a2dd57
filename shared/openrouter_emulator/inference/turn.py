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

from openrouter_emulator import billing, dialects
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.billing import charges
from openrouter_emulator.billing.charges import Bill, Usage
from openrouter_emulator.billing.prompt_cache import cache_use
from openrouter_emulator.catalogue.model_specs import ModelSpec
from openrouter_emulator.catalogue.presets import with_preset
from openrouter_emulator.catalogue.router_metadata import router_metadata
from openrouter_emulator.catalogue.routing import Chosen, choose
from openrouter_emulator.dialects import reasoning_replay, upstream
from openrouter_emulator.inference import chat_answer, default_model
from openrouter_emulator.inference.replies import Raw, Reply, ToolCall, as_reply
from openrouter_emulator.planned_response import (
    COMMENT,
    DONE,
    Closing,
    JsonObject,
    Part,
    Pause,
    PlannedResponse,
)
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.validation import chat_request

_SEARCH_PRICE = Decimal("0.007")
_OCR_PRICE = Decimal("0.002")
_TIERED = frozenset({"Anthropic", "Google", "OpenAI", "xAI"})
"""Providers whose answers name the tier that served; the others say null, as recorded."""
_IMAGE_TOKENS = 1_290
_PANEL_TOKENS = 200
_COMPRESSED_UP_TO = 8_192
"""Tokens of context up to which prompts are compressed without being asked."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a model answered, and what it costs."""

    request: HandlerRequest
    body: JsonObject
    """What goes to the provider, in the shape of chat."""
    chosen: Chosen
    reply: Reply
    """What is shown: with ids, cut at limits, without hidden reasoning."""
    usage: Usage
    bill: Bill
    envelope: chat_answer.Envelope
    closing: Closing

    @property
    def finish(self) -> tuple[str | None, str | None]:
        """The finish reason, and the provider's own."""
        return chat_answer.finish_of(self.reply, self.envelope.style)

    def planned(self, body: JsonObject) -> PlannedResponse:
        """An answer that is not streamed."""
        shown = {**body, **router_metadata(self.request, self.chosen)}
        return PlannedResponse(
            [shown], headers=self.headers, closing=self.closing, wait_s=self._whole_s()
        )

    def streamed(self, parts: Sequence[Part], *, named: bool = False) -> PlannedResponse:
        """A stream of events behind the comments and the wait that are set."""
        settings = self.request.state.settings
        lead: list[Part] = [COMMENT] * settings.comments
        if self.first_token_s:
            lead.append(Pause(self.first_token_s))
        return PlannedResponse(
            [*lead, *parts],
            headers=self.headers,
            streamed=True,
            named=named,
            gap_s=settings.chunk_gap_s,
            tokens_per_s=self.tokens_per_s,
            closing=self.closing,
        )

    @property
    def first_token_s(self) -> float:
        """Seconds until the first event of a stream, behind the headers."""
        settings, own = self.request.state.settings, self.reply.first_token_s
        return settings.first_event_delay_s if own is None else own

    @property
    def tokens_per_s(self) -> float:
        """How fast the model writes; 0 for at once."""
        settings, own = self.request.state.settings, self.reply.tokens_per_s
        return settings.tokens_per_s if own is None else own

    def _whole_s(self) -> float:
        """Seconds until an answer is there that is not streamed: as long as its stream would take.

        Without a speed the setting `first_event_delay_s` is about streams alone.
        """
        rate, first = self.tokens_per_s, self.reply.first_token_s or 0.0
        return self.first_token_s + self.usage.completion / rate if rate else first

    @property
    def headers(self) -> dict[str, str]:
        """The headers that name the generation."""
        return {"X-Generation-Id": self.envelope.id}


def run(
    request: HandlerRequest,
    body: JsonObject,
    *,
    shape: str = "chat completions",
    check_replay: bool = False,
) -> Turn | PlannedResponse:
    """Let a model answer; a scripted `Raw` is a planned response already.

    Args:
        body: The request in the shape of chat.
        shape: What the caller spoke, before the request was translated.
        check_replay: Whether reasoning has to come back as it was sent.
    """
    settings = request.state.settings
    body = with_preset(body, request.state)
    chat_request.chat(body, shape)
    if settings.dialects:
        dialects.check_limits(body)
    chosen = choose(body, request.state)
    chat_request.for_model(body, chosen.model)
    _check_length(body, chosen.model)
    if settings.dialects:
        dialects.check(body, chosen)
    if check_replay and settings.check_reasoning:
        reasoning_replay.check(body, chosen, request.state)
    billing.admit(request, chosen, body)
    sent = upstream.sent(body, chosen) if settings.dialects else body
    reply = _scripted(request, body, chosen) or default_model.compose(sent, chosen)
    if isinstance(reply, Raw):
        return _raw(reply, body)
    return _Run(request, sent, chosen).turn(reply)


def _scripted(request: HandlerRequest, body: JsonObject, chosen: Chosen) -> Reply | Raw | None:
    models = {str(body.get("model")), chosen.model.id, chosen.model.slug}
    item = request.state.next_scripted(body, models)
    return None if item is None else as_reply(item, body)


def _check_length(body: JsonObject, model: ModelSpec) -> None:
    """Refuse what is longer than the model's context, in the words that were recorded."""
    plugins: list[JsonObject] = body.get("plugins") or []
    compression = [p.get("enabled", True) for p in plugins if p["id"] == "context-compression"]
    if any(compression) or (not compression and model.context <= _COMPRESSED_UP_TO):
        return
    prompt = charges.prompt_tokens(body)
    output = int(body.get("max_completion_tokens") or body.get("max_tokens") or 0)
    if prompt + output <= model.context:
        return
    parts = f"{prompt} of text input" + (f", {output} in the output" if output else "")
    message = (
        f"This endpoint's maximum context length is {model.context} tokens. However, you requested about "
        f"{prompt + output} tokens ({parts}). Please reduce the length of either one, or use the "
        "context-compression plugin to compress your prompt automatically."
    )
    errors = [{"code": 400, "message": message}]
    raise ApiError(400, message, metadata={"provider_name": None, "previous_errors": errors})


def _raw(reply: Raw, body: JsonObject) -> PlannedResponse:
    """Exact chunks or an exact body, as scripted."""
    if not body.get("stream"):
        return PlannedResponse(reply.chunks)
    return PlannedResponse([*reply.chunks, *([DONE] if reply.done else [])], streamed=True)


@dataclass
class _Run:
    """A turn in the making."""

    request: HandlerRequest
    body: JsonObject
    chosen: Chosen

    def turn(self, reply: Reply) -> Turn:
        started = time.monotonic()
        generation_id = billing.new_id("gen", self.request)
        reply = default_model.limited(self._with_ids(reply, generation_id), self.body)
        usage = self._usage(reply)
        hidden = default_model.hides_reasoning(self.body)
        shown = reply.replace(reasoning=None, reasoning_details=None) if hidden else reply
        envelope = self._envelope(shown, generation_id)
        if not hidden:
            style = self.chosen.model.style
            ids = [str(call.id) for call in shown.tool_calls]
            details = chat_answer.details(shown, style)
            reasoning_replay.remember(details, ids, style, self.request.state)
        finished = billing.Finished(
            id=generation_id,
            api_type="completions",
            chosen=self.chosen,
            model=envelope.model,
            provider=envelope.provider,
            finish=chat_answer.finish_of(shown, envelope.style),
            usage=usage,
            answer=shown.full_text,
            reasoning=shown.reasoning,
            started=started,
        )
        bill = billing.bill(usage, self.chosen, self.request)
        closing = billing.closing(self.request, finished)
        return Turn(self.request, self.body, self.chosen, shown, usage, bill, envelope, closing)

    def _with_ids(self, reply: Reply, seed: str) -> Reply:
        """Give every tool call an id in the style of the provider."""
        style = self.chosen.model.style.ids
        before = sum(len(m.get("tool_calls") or []) for m in self.body["messages"])
        calls = [
            ToolCall(
                c.name, c.arguments, c.id or default_model.call_id(style, c.name, seed, before + at)
            )
            for at, c in enumerate(reply.tool_calls)
        ]
        return reply.replace(tool_calls=calls)

    def _envelope(self, reply: Reply, generation_id: str) -> chat_answer.Envelope:
        provider = reply.provider or self.chosen.endpoint.provider
        tier = self.body.get("service_tier") or ("default" if provider in _TIERED else None)
        return chat_answer.Envelope(
            generation_id,
            int(datetime.now(UTC).timestamp()),
            reply.model or self.chosen.model.slug,
            provider,
            self.chosen.model.style,
            {"auto": "default", "fast": "priority"}.get(str(tier), tier),
            f"fp_{generation_id[-10:].lower()}" if provider == "Azure" else None,
        )

    def _usage(self, reply: Reply) -> Usage:
        usage = Usage(charges.prompt_tokens(self.body), extra=dict(reply.usage))
        usage.cached, usage.cache_write = cache_use(
            self.body, self.chosen.model, self.request.state
        )
        thoughts = "".join(
            str(d.get("text") or d.get("summary") or "") for d in reply.reasoning_details or ()
        )
        usage.reasoning = charges.count(reply.reasoning or thoughts)
        usage.image_out = _IMAGE_TOKENS * len(reply.images)
        usage.audio_out = charges.count(reply.audio_transcript) * 4 if reply.audio else 0
        written = charges.count(reply.full_text or "") + charges.count(reply.refusal or "")
        written += sum(charges.count(c.name) + charges.count(c.text) for c in reply.tool_calls)
        usage.completion = written + usage.reasoning + usage.image_out + usage.audio_out
        usage.searches = reply.searches
        if reply.searches and default_model.has_search_tool(self.body):
            usage.tool_calls = reply.searches
        usage.extra_cost = self._extras(reply)
        _count_media(usage, self.body["messages"])
        return usage

    def _extras(self, reply: Reply) -> Decimal:
        """Searches that OpenRouter made, and files that it read with OCR."""
        native = self.chosen.prices.get("web_search")
        cost = reply.searches * (Decimal(native) if native else _SEARCH_PRICE)
        plugins: list[JsonObject] = self.body.get("plugins") or []
        parsers = [p.get("pdf") or {} for p in plugins if p["id"] == "file-parser"]
        if any(pdf.get("engine") == "mistral-ocr" for pdf in parsers):
            known = _known_files(self.body["messages"])
            fresh = [a for a in reply.annotations if a["type"] == "file"]
            cost += _OCR_PRICE * sum(a["file"]["hash"] not in known for a in fresh)
        return cost + self._panel()

    def _panel(self) -> Decimal:
        """What the models of a fusion cost: each reads the prompt and writes a short answer."""
        prompt = charges.prompt_tokens(self.body)
        rates = [
            prompt * Decimal(m.prices["prompt"]) + _PANEL_TOKENS * Decimal(m.prices["completion"])
            for m in self.chosen.panel
        ]
        return sum(rates, Decimal(0))


def _known_files(messages: Sequence[JsonObject]) -> set[str]:
    """Hashes of the files whose parse came back on an assistant message."""
    notes = [a for m in messages for a in m.get("annotations") or [] if a.get("type") == "file"]
    return {str(a["file"].get("hash")) for a in notes}


def _count_media(usage: Usage, messages: Sequence[JsonObject]) -> None:
    """Tokens of sound and video among the prompt's."""
    for message in messages:
        content: Any = message.get("content")
        for part in content if isinstance(content, list) else ():
            tokens = charges.PART_TOKENS.get(part["type"], 0)
            usage.audio_in += tokens if part["type"] == "input_audio" else 0
            usage.video_in += tokens if part["type"] in {"video_url", "input_video"} else 0
