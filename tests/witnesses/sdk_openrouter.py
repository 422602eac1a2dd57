"""The official SDK calls every method that it has. Run by scripts/witnesses.py in an environment of its own.

The methods are found by looking into the SDK, so a newer one is called as a whole too. Its models are
strict; what it can only file under "unknown" counts as not accepted.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import openrouter
from openrouter import OpenRouter, errors
from openrouter.basesdk import BaseSDK
from openrouter.utils.eventstreaming import EventStream
from openrouter_arguments import ARGUMENTS, CHAT, MESSAGES, admin, name, user
from pydantic import BaseModel
from reporting import RefusedError, call, refused_as, version

MANAGED = (
    "analytics", "byok", "credits", "external_users", "guardrails", "api_keys", "observability",
    "organization", "private_endpoints", "scim", "workspaces",
)  # fmt: skip


def methods(sdk: BaseSDK, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all synchronous methods."""
    for part in {**getattr(sdk, "_sub_sdk_map", {}), **vars(sdk)}:
        inner = None if part == "parent_ref" else getattr(sdk, part, None)
        if isinstance(inner, BaseSDK) and not part.startswith("_"):
            yield from methods(inner, (*path, part))
    for part, value in vars(type(sdk)).items():
        hidden = part.startswith("_") or part.endswith("_async")
        if inspect.isfunction(value) and path and not hidden:
            yield (*path, part)


def bound(client: OpenRouter, path: tuple[str, ...]) -> Any:
    found: Any = client
    for part in path:
        found = getattr(found, part)
    return found


def look(value: Any, where: str = "") -> Any:
    """Walk through an answer; refuse what the SDK could not tell."""
    if isinstance(value, BaseModel):
        if getattr(value, "is_unknown", False) or type(value).__name__.startswith("Unknown"):
            raise RefusedError(f"{where or 'the answer'} is {type(value).__name__}")
        for field in type(value).model_fields:
            look(getattr(value, field), f"{where}.{field}")
    elif isinstance(value, dict):
        for field, inner in value.items():
            look(inner, f"{where}.{field}")
    elif isinstance(value, (list, EventStream)):
        seen = [look(inner, f"{where}[{at}]") for at, inner in enumerate(value)]
        if isinstance(value, EventStream) and not seen:
            raise RefusedError("a stream without events")
    elif hasattr(value, "read") and not value.read():
        raise RefusedError("no bytes")
    return value


def client_for(operation: str) -> OpenRouter:
    own = operation == "api_keys.get_current_key_metadata"
    managed = operation.partition(".")[0] in MANAGED or operation == "generations.submit_feedback"
    return admin if managed and not own else user


def everything() -> None:
    for path in methods(user):
        operation = ".".join(path)
        method = bound(client_for(operation), path)
        arguments = ARGUMENTS.get(operation, dict)
        call(operation, lambda m=method, a=arguments: look(m(**a())))


TOOL = {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
MODELS = (
    CHAT, "openai/gpt-5.5", "anthropic/claude-sonnet-4.5", "google/gemini-3-flash-preview",
    "deepseek/deepseek-v3.2", "x-ai/grok-4.3", "perplexity/sonar", "emulator/refuser",
    "google/gemini-2.5-flash-image",
)  # fmt: skip


def streams() -> None:
    for model in MODELS:
        for stream in (False, True):
            way = f"{model}, {'streamed' if stream else 'whole'}"
            options: dict[str, Any] = {"model": model, "stream": stream}
            call(
                f"chat.send ({way})", lambda a=options: look(user.chat.send(messages=MESSAGES, **a))
            )
            call(
                f"responses.send ({way})",
                lambda a=options: look(user.responses.send(input="Hello", **a)),
            )
    chat_tools: dict[str, Any] = {"tools": [{"type": "function", "function": TOOL}]}
    flat_tools: dict[str, Any] = {"tools": [{"type": "function", **TOOL}]}
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}
    for stream in (False, True):
        options = {"model": CHAT, "stream": stream}
        way = "streamed" if stream else "whole"
        for what, more in (("tools", chat_tools), ("schema", {"response_format": form})):
            call(
                f"chat.send ({what}, {way})",
                lambda a=options, m=more: look(user.chat.send(messages=MESSAGES, **a, **m)),
            )
        call(
            f"responses.send (tools, {way})",
            lambda a=options: look(user.responses.send(input="Hello", **a, **flat_tools)),
        )
        image = {"model": "black-forest-labs/flux.2-pro", "prompt": "A cat", "stream": stream}
        call(f"images.generate ({way})", lambda a=image: look(user.images.generate(**a)))


FAULTS = {
    "bad_request": "BadRequestResponseError",
    "unauthorized": "UnauthorizedResponseError",
    "payment_required": "PaymentRequiredResponseError",
    "moderated": "ForbiddenResponseError",
    "no_endpoints": "NotFoundResponseError",
    "too_large": "PayloadTooLargeResponseError",
    "rate_limited": "TooManyRequestsResponseError",
    "server_error": "InternalServerResponseError",
    "bad_gateway": "BadGatewayResponseError",
    "unavailable": "ServiceUnavailableResponseError",
    "edge_timeout": "OpenRouterDefaultError",  # a page of the edge, not the API's JSON
    "overloaded": "ProviderOverloadedResponseError",
}


def failures() -> None:
    for fault, kind in FAULTS.items():
        header = {"X-Emulator-Fault": fault}
        refused_as(
            f"error {fault}",
            getattr(errors, kind),
            lambda h=header: user.chat.send(messages=MESSAGES, model=CHAT, http_headers=h),
        )
    missing = errors.NotFoundResponseError
    refused_as("error unknown guardrail", missing, lambda: admin.guardrails.get(id=name()))
    refused_as("error unknown key", missing, lambda: admin.api_keys.get(hash=name()))
    refused_as("error inference key", errors.UnauthorizedResponseError, user.guardrails.list)
    header = {"X-Emulator-Fault": "midstream_error"}
    call(
        "error in a stream",
        lambda: look(
            user.chat.send(messages=MESSAGES, model=CHAT, stream=True, http_headers=header)
        ),
    )


if __name__ == "__main__":
    version(f"openrouter {openrouter.VERSION}")
    everything()
    streams()
    failures()
