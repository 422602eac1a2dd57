"""The OpenAI SDK calls what OpenRouter has of its API. Run by scripts/witnesses.py.

It validates strictly, except where OpenRouter's documented shape is not OpenAI's, or where the strict mode
refuses what OpenAI itself sends; those calls use the SDK as it is shipped, and look at the content.
"""

from __future__ import annotations

import io
from typing import Any

import openai
from openai import OpenAI
from reporting import EMULATOR, RefusedError, call, refused_as, version

CHAT = "openai/gpt-4o-mini"
MESSAGES: Any = [{"role": "user", "content": "The weather in Paris?"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL: Any = {"name": "get_weather", "parameters": SCHEMA}
client = OpenAI(
    api_key=EMULATOR["key"],
    base_url=EMULATOR["base_url"],
    max_retries=0,
    _strict_response_validation=True,
)
usual = OpenAI(api_key=EMULATOR["key"], base_url=EMULATOR["base_url"], max_retries=0)
"""For images and transcriptions (their usage is not OpenAI's), models, base64 and streamed completions."""


def drained(stream: Any) -> Any:
    """All events of a stream; refuse one without any."""
    events = list(stream)
    if not events:
        raise RefusedError("a stream without events")
    return events


def chat() -> None:
    made = client.chat.completions
    tools: Any = [{"type": "function", "function": TOOL}]
    form: Any = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA}}
    options: dict[str, dict[str, Any]] = {
        "plain": {},
        "tools": {"tools": tools},
        "schema": {"response_format": form},
        "logprobs": {"logprobs": True, "top_logprobs": 2},
    }
    for what, more in options.items():
        given = {"model": CHAT, "messages": MESSAGES, **more}
        call(f"chat.completions ({what})", lambda g=given: made.create(**g))
        call(
            f"chat.completions ({what}, streamed)",
            lambda g=given: drained(made.create(**g, stream=True)),
        )
    helped = {"model": CHAT, "messages": MESSAGES}
    call("chat.completions.stream", lambda: accumulated(helped))
    for model in ("openai/gpt-5.5", "anthropic/claude-sonnet-4.5", "deepseek/deepseek-v3.2"):
        given = {"model": model, "messages": MESSAGES}
        call(f"chat.completions ({model})", lambda g=given: made.create(**g))


def accumulated(given: dict[str, Any]) -> None:
    with client.chat.completions.stream(**given) as stream:
        if not stream.get_final_completion().choices[0].message.content:
            raise RefusedError("no text was put together")


def responses() -> None:
    made = client.responses
    form: Any = {"format": {"type": "json_schema", "name": "place", "schema": SCHEMA}}
    options: dict[str, dict[str, Any]] = {
        "plain": {},
        "tools": {"tools": [{"type": "function", **TOOL, "strict": False}]},
        "schema": {"text": form},
        "reasoning": {"model": "openai/gpt-5.5"},
        "raw reasoning": {"model": "deepseek/deepseek-v3.2", "reasoning": {"effort": "low"}},
        "citations": {"model": "perplexity/sonar"},
        "refusal": {"model": "emulator/refuser"},
        "image": {"model": "google/gemini-2.5-flash-image"},
    }
    for what, more in options.items():
        given = {"model": CHAT, "input": "The weather in Paris?", **more}
        call(f"responses ({what})", lambda g=given: made.create(**g))
        call(
            f"responses ({what}, streamed)", lambda g=given: drained(made.create(**g, stream=True))
        )
    call("responses.stream", responses_helped)
    call("responses (tool loop)", tool_loop)


def responses_helped() -> None:
    with client.responses.stream(model=CHAT, input="Hello") as stream:
        if not stream.get_final_response().output_text:
            raise RefusedError("no text was put together")


def tool_loop() -> None:
    """The SDK's own items go back as they came, with the tool's output."""
    tools: Any = [{"type": "function", **TOOL, "strict": False}]
    history: list[Any] = [{"role": "user", "content": "The weather in Paris?"}]
    first = client.responses.create(model="openai/gpt-5.5", input=history, tools=tools)
    history += [item.model_dump() for item in first.output]
    (made,) = [item for item in first.output if item.type == "function_call"]
    history.append(
        {"type": "function_call_output", "call_id": made.call_id, "output": "17 degrees"}
    )
    last = client.responses.create(model="openai/gpt-5.5", input=history, tools=tools)
    if "17 degrees" not in last.output_text:
        raise RefusedError("the tool's output was lost")


def files() -> None:
    kept = call(
        "files.create", lambda: client.files.create(file=("a.txt", b"text"), purpose="user_data")
    )
    call("files.list", lambda: list(client.files.list(order="asc")))
    call("files.retrieve", lambda: client.files.retrieve(kept.id))
    call("files.delete", lambda: client.files.delete(kept.id))


def media() -> None:
    speech = client.audio.speech
    call(
        "audio.speech",
        lambda: speech.create(input="Hi", model="openai/gpt-4o-mini-tts", voice="alloy").read(),
    )
    call("audio.transcriptions", transcription)
    call("images (post)", images)


def transcription() -> None:
    sound = io.BytesIO(b"ID3 sound")
    sound.name = "a.mp3"
    heard = usual.audio.transcriptions.create(file=sound, model="openai/gpt-4o-mini-transcribe")
    if not heard.text:
        raise RefusedError("no text")


def images() -> None:
    """OpenRouter makes images at /images, where the SDK has no method, in the SDK's own shape."""
    body = {"model": "black-forest-labs/flux.2-pro", "prompt": "A cat"}
    made = usual.post("/images", cast_to=openai.types.ImagesResponse, body=body)
    if not (made.data and made.data[0].b64_json):
        raise RefusedError("no picture")


def others() -> None:
    embedder = "openai/text-embedding-3-small"
    listed: Any = {"model": embedder, "input": ["a", "b"], "encoding_format": "float"}
    call("embeddings (float)", lambda: client.embeddings.create(**listed))
    call("embeddings (base64)", unpacked)
    call("completions", lambda: client.completions.create(model=CHAT, prompt="Hello"))
    call("completions (streamed)", joined)
    call("models.list", models)


def unpacked() -> None:
    """The SDK asks for base64 by itself and unpacks it; both forms give the same numbers."""
    given: Any = {"model": "openai/text-embedding-3-small", "input": "a"}
    packed = usual.embeddings.create(**given).data[0].embedding
    plain = usual.embeddings.create(**given, encoding_format="float").data[0].embedding
    if any(abs(one - other) > 1e-6 for one, other in zip(packed, plain, strict=True)):
        raise RefusedError("base64 and float differ")


def joined() -> None:
    stream = usual.completions.create(model=CHAT, prompt="Hello", stream=True)
    if "".join(event.choices[0].text for event in stream) != "You said: Hello.":
        raise RefusedError("the text was not put together")


def models() -> None:
    if CHAT not in {model.id for model in usual.models.list()}:
        raise RefusedError("a model is missing")


def failures() -> None:
    kinds = {
        "bad_request": openai.BadRequestError,
        "unauthorized": openai.AuthenticationError,
        "moderated": openai.PermissionDeniedError,
        "no_endpoints": openai.NotFoundError,
        "conflict": openai.ConflictError,
        "unprocessable": openai.UnprocessableEntityError,
        "rate_limited": openai.RateLimitError,
        "server_error": openai.InternalServerError,
        "overloaded": openai.InternalServerError,
    }
    for fault, kind in kinds.items():
        header = {"X-Emulator-Fault": fault}
        given: dict[str, Any] = {"model": CHAT, "messages": MESSAGES, "extra_headers": header}
        refused_as(f"error {fault}", kind, lambda g=given: client.chat.completions.create(**g))
    given = {"model": CHAT, "messages": MESSAGES, "stream": True}
    header = {"X-Emulator-Fault": "midstream_error"}
    refused_as(
        "error in a stream",
        openai.APIError,
        lambda: drained(client.chat.completions.create(**given, extra_headers=header)),
    )


if __name__ == "__main__":
    version(f"openai {openai.__version__}")
    chat()
    responses()
    files()
    media()
    others()
    failures()
