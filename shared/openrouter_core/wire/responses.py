"""The Responses API: what is sent, what comes back, and the events of a stream.

Output items are plain dicts, as received: they go back unchanged as `input` of the next turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import (
    Annotated,
    Any,
    Literal,
    Required,  # pydantic reads only these before Python 3.12
)

from pydantic import SkipValidation, model_validator
from typing_extensions import TypedDict

from openrouter_core.errors import classify
from openrouter_core.wire._base import JsonValue, WireModel
from openrouter_core.wire._fields import Effort, Usd, UtcTime
from openrouter_core.wire._options import CacheOptions, InferenceOptions

ResponseStatus = (
    Literal["completed", "incomplete", "in_progress", "failed", "cancelled", "queued"] | str
)
ResponseInput = str | Sequence[Mapping[str, Any]]
"""Text, or items: messages, calls and their outputs, reasoning, earlier output items."""


class ResponseReasoning(TypedDict, total=False):
    """How much the model thinks, and what of it comes back."""

    effort: Effort | None
    max_tokens: int | None
    enabled: bool | None
    summary: Literal["auto", "concise", "detailed"] | str | None
    context: Literal["auto", "all_turns", "current_turn"] | str | None
    mode: Literal["standard", "pro"] | str | None


class ResponseText(TypedDict, total=False):
    """The form of the text."""

    format: Mapping[str, Any] | None
    """{"type": "json_schema", "name": ..., "schema": ...}: flat, unlike in chat."""
    verbosity: Literal["low", "medium", "high", "xhigh", "max"] | str | None


class ResponsesOptions(InferenceOptions, CacheOptions, total=False):
    """Body fields of a Responses call. The API keeps no state: send the whole history as `input`."""

    model: str
    models: Sequence[str] | None
    """Fallbacks in order of priority."""
    instructions: str | None
    """The system prompt."""
    max_output_tokens: int | None
    max_tool_calls: int | None
    """Steps with server tools, at most 30."""
    stop_server_tools_when: Sequence[Mapping[str, Any]] | None
    temperature: float | None
    """0 to 2."""
    top_p: float | None
    top_k: int | None
    top_logprobs: int | None
    frequency_penalty: float | None
    presence_penalty: float | None
    stop: str | Sequence[str] | None
    text: ResponseText | None
    reasoning: ResponseReasoning | None
    include: Sequence[str] | None
    """E.g. ["reasoning.encrypted_content"]."""
    tools: Sequence[Mapping[str, Any]] | None
    """Function tools are flat: {"type": "function", "name": ..., "parameters": ...}."""
    tool_choice: str | Mapping[str, Any] | None
    parallel_tool_calls: bool | None
    deferred_tools: Mapping[str, Any] | None
    plugins: Sequence[Mapping[str, Any]] | None
    modalities: Sequence[Literal["text", "image"] | str] | None
    image_config: Mapping[str, Any] | None
    metadata: Mapping[str, str] | None
    service_tier: str | None
    truncation: Literal["auto", "disabled"] | str | None
    safety_identifier: str | None
    cache_control: Mapping[str, Any] | None
    prompt_cache_key: str | None
    prompt_cache_options: Mapping[str, Any] | None
    prompt: Mapping[str, Any] | None
    """A stored template: {"id": ..., "variables": ...}."""
    background: bool | None
    store: bool | None
    """Only False is accepted."""
    previous_response_id: str | None
    """Only None is accepted."""
    debug: Mapping[str, Any] | None
    route: str | None
    """The former name of `provider.sort.partition`."""


class OutputItem(TypedDict, total=False):
    """One item of the output: a plain dict. Its `type` says which keys are there."""

    type: Required[
        Literal[
            "message",
            "reasoning",
            "function_call",
            "custom_tool_call",
            "web_search_call",
            "file_search_call",
            "image_generation_call",
            "code_interpreter_call",
            "computer_call",
            "apply_patch_call",
            "shell_call",
            "shell_call_output",
            "tool_search_call",
        ]
        | str
    ]
    """Tools that OpenRouter runs are named "openrouter:...", e.g. "openrouter:web_fetch"."""
    id: str
    status: Literal["in_progress", "completed", "incomplete", "failed"] | str
    role: str
    content: list[dict[str, Any]] | Any
    """Of a message: `output_text` and `refusal` parts."""
    phase: str | None
    summary: list[dict[str, Any]]
    """Of reasoning: `summary_text` parts."""
    encrypted_content: str | None
    signature: str | None
    format: str | None
    call_id: str
    name: str
    arguments: str
    """Of a function call: JSON text, as the model wrote it."""
    input: str
    """Of a custom tool call."""
    output: Any
    action: Any
    queries: list[str]
    result: Any
    """Of an image generation: base64."""
    code: str | None
    outputs: list[Any] | None
    container_id: str | None
    error: str | None
    model: str | None
    namespace: str | None


class ResponseInputDetails(WireModel):
    """Where input tokens came from."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class ResponseOutputDetails(WireModel):
    """What output tokens were for."""

    reasoning_tokens: int | None = None


class ResponseCostDetails(WireModel):
    """What the cost is made of, in USD."""

    upstream_inference_cost: Usd | None = None
    upstream_inference_input_cost: Usd | None = None
    upstream_inference_output_cost: Usd | None = None
    server_tool_cost: Usd | None = None


class ServerToolUse(WireModel):
    """How often OpenRouter's tools were used."""

    web_search_requests: int | None = None
    tool_calls_requested: int | None = None
    tool_calls_executed: int | None = None


class ResponseUsage(WireModel):
    """Tokens and money."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_tokens_details: ResponseInputDetails | None = None
    output_tokens_details: ResponseOutputDetails | None = None
    cost: Usd | None = None
    cost_details: ResponseCostDetails | None = None
    is_byok: bool | None = None
    server_tool_use_details: ServerToolUse | None = None


class IncompleteDetails(WireModel):
    """Why the answer is not whole."""

    reason: Literal["max_output_tokens", "content_filter"] | str | None = None


class Response(WireModel):
    """A whole answer."""

    id: str
    object: str | None = None
    status: ResponseStatus | None = None
    model: str | None = None
    """The model that answered; may differ from the one asked for."""
    output: Annotated[list[OutputItem], SkipValidation] | None = None
    """Plain dicts, to be sent back unchanged as `input` of the next turn."""
    output_text: str | None = None
    usage: ResponseUsage | None = None
    created_at: UtcTime | None = None
    completed_at: UtcTime | None = None
    error: dict[str, JsonValue] | None = None
    error_type: str | None = None
    incomplete_details: IncompleteDetails | None = None
    service_tier: str | None = None
    openrouter_metadata: dict[str, JsonValue] | None = None
    instructions: JsonValue = None
    tools: list[JsonValue] | None = None
    tool_choice: JsonValue = None
    parallel_tool_calls: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_logprobs: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    max_output_tokens: int | None = None
    max_tool_calls: int | None = None
    text: dict[str, JsonValue] | None = None
    """The form that was asked for; the text itself is `answer`."""
    reasoning: dict[str, JsonValue] | None = None
    metadata: dict[str, JsonValue] | None = None
    truncation: str | None = None
    background: bool | None = None
    store: bool | None = None
    user: str | None = None
    safety_identifier: str | None = None
    previous_response_id: str | None = None
    prompt: dict[str, JsonValue] | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: dict[str, JsonValue] | None = None
    alignment: JsonValue = None
    safeguard_results: list[JsonValue] | None = None

    @property
    def answer(self) -> str:
        """The text of the answer, over all messages; empty when there is none."""
        texts = [
            part.get("text") or ""
            for item in self.output or ()
            if item.get("type") == "message"
            for part in item.get("content") or ()
            if part.get("type") == "output_text"
        ]
        return "".join(texts) or self.output_text or ""

    @property
    def function_calls(self) -> list[OutputItem]:
        """The calls of your own functions, as received."""
        return [item for item in self.output or () if item.get("type") == "function_call"]

    @model_validator(mode="after")
    def _raise_if_failed(self) -> Response:
        """A failed answer comes with status 200; it is an error all the same."""
        if self.status == "failed" and self.error:
            raise classify(200, {"error": {"error_type": self.error_type, **self.error}})
        return self


class ResponseEvent(TypedDict, total=False):
    """One event of a stream: a plain dict, as received. Types may be added by the API."""

    type: Required[
        Literal[
            "response.created",
            "response.in_progress",
            "response.completed",
            "response.incomplete",
            "response.output_item.added",
            "response.output_item.done",
            "response.content_part.added",
            "response.content_part.done",
            "response.output_text.delta",
            "response.output_text.done",
            "response.output_text.annotation.added",
            "response.refusal.delta",
            "response.refusal.done",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.custom_tool_call_input.delta",
            "response.custom_tool_call_input.done",
            "response.reasoning_text.delta",
            "response.reasoning_text.done",
            "response.reasoning_summary_part.added",
            "response.reasoning_summary_part.done",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done",
            "response.image_generation_call.partial_image",
            "response.debug",
        ]
        | str
    ]
    sequence_number: int
    """Counts from 0."""
    response: dict[str, Any]
    """The answer so far, or the whole one."""
    output_index: int
    """Which output item; items may come out of order."""
    item_id: str
    item: OutputItem
    content_index: int
    part: dict[str, Any]
    delta: str
    """What is added: text, arguments, a refusal or reasoning."""
    text: str
    refusal: str
    arguments: str
    name: str
    input: str
    logprobs: list[Any]
    annotation: dict[str, Any]
    annotation_index: int
    summary_index: int
    partial_image_b64: str
    partial_image_index: int
    code: str | None
    diff: str
    model: str
    content: str
    error: str
    status_code: int | None
    analysis: dict[str, Any]
    analyst_model: str
    judge_model: str
    debug: dict[str, Any]
