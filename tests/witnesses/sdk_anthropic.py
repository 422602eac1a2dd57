"""The Anthropic SDK, with strict validation, calls the Messages API. Run by scripts/witnesses.py."""

from __future__ import annotations

from typing import Any

import anthropic
from anthropic import Anthropic
from reporting import EMULATOR, RefusedError, call, refused_as, version

CLAUDE = "anthropic/claude-sonnet-4.5"
MODELS = (CLAUDE, "openai/gpt-4o-mini", "openai/gpt-5.5", "deepseek/deepseek-v3.2")
MESSAGES: Any = [{"role": "user", "content": "The weather in Paris?"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL: Any = {"name": "get_weather", "description": "Tells the weather.", "input_schema": SCHEMA}
client = Anthropic(
    auth_token=EMULATOR["key"],
    api_key=None,
    base_url=EMULATOR["base_url"].removesuffix("/v1"),
    max_retries=0,
    _strict_response_validation=True,
)


def drained(stream: Any) -> Any:
    """All events of a stream; refuse one that does not end with its last event."""
    events = list(stream)
    if not events or events[-1].type != "message_stop":
        raise RefusedError("the stream did not end with message_stop")
    return events


def put_together(given: dict[str, Any]) -> None:
    """The SDK adds the events up; the message has what the events had."""
    with client.messages.stream(**given) as stream:
        message = stream.get_final_message()
    if not message.content or not message.usage.output_tokens:
        raise RefusedError("the message is empty")


def messages() -> None:
    pixel = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    seen: Any = [{"type": "image", "source": pixel}, {"type": "text", "text": "What is this?"}]
    options: dict[str, dict[str, Any]] = {
        "plain": {},
        "system": {"system": [{"type": "text", "text": "Be kind."}]},
        "tools": {"tools": [TOOL]},
        "one tool": {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "get_weather"}},
        "thinking": {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 4096},
        "image": {"messages": [{"role": "user", "content": seen}]},
        "stop": {"stop_sequences": ["said"]},
        "short": {"max_tokens": 2},
        "web search": {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
    }
    for what, more in options.items():
        given = {"model": CLAUDE, "max_tokens": 500, "messages": MESSAGES, **more}
        _both(what, given)
    for model in MODELS[1:]:
        _both(model, {"model": model, "max_tokens": 500, "messages": MESSAGES})
    call("messages (tool loop)", tool_loop)


def _both(what: str, given: dict[str, Any]) -> None:
    call(f"messages ({what})", lambda: client.messages.create(**given))
    call(
        f"messages ({what}, streamed)",
        lambda: drained(client.messages.create(**given, stream=True)),
    )
    call(f"messages.stream ({what})", lambda: put_together(given))


def tool_loop() -> None:
    """The SDK's own blocks go back as they came, with the tool's result."""
    history: list[Any] = list(MESSAGES)
    given: dict[str, Any] = {"model": CLAUDE, "max_tokens": 500, "tools": [TOOL]}
    first = client.messages.create(messages=history, **given)
    if first.stop_reason != "tool_use":
        raise RefusedError(f"stopped for {first.stop_reason}")
    (use,) = [block for block in first.content if block.type == "tool_use"]
    result = {"type": "tool_result", "tool_use_id": use.id, "content": "17 degrees"}
    history += [
        {"role": "assistant", "content": [block.model_dump() for block in first.content]},
        {"role": "user", "content": [result]},
    ]
    last = client.messages.create(messages=history, **given)
    text = "".join(block.text for block in last.content if block.type == "text")
    if "17 degrees" not in text:
        raise RefusedError("the tool's result was lost")


def failures() -> None:
    kinds = {
        "bad_request": anthropic.BadRequestError,
        "unauthorized": anthropic.AuthenticationError,
        "moderated": anthropic.PermissionDeniedError,
        "no_endpoints": anthropic.NotFoundError,
        "rate_limited": anthropic.RateLimitError,
        "server_error": anthropic.InternalServerError,
        "overloaded": anthropic.InternalServerError,
    }
    given: dict[str, Any] = {"model": CLAUDE, "max_tokens": 500, "messages": MESSAGES}
    for fault, kind in kinds.items():
        header = {"X-Emulator-Fault": fault}
        refused_as(
            f"error {fault}",
            kind,
            lambda h=header: client.messages.create(**given, extra_headers=h),
        )
    call("error body", lambda: error_body(given))


def error_body(given: dict[str, Any]) -> None:
    """The SDK finds the envelope that Anthropic's own errors have."""
    try:
        client.messages.create(**{**given, "model": "no/such-model"})
    except anthropic.BadRequestError as error:
        body: Any = error.body
        if body["type"] != "error" or body["error"]["type"] != "invalid_request_error":
            raise RefusedError(f"the envelope is {body}") from error
        return
    raise RefusedError("an unknown model was accepted")


if __name__ == "__main__":
    version(f"anthropic {anthropic.__version__}")
    messages()
    failures()
