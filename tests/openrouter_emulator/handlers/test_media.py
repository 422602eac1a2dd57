"""Images, speech, transcriptions, decisions and text completions: what they answer, and that they are booked."""

from __future__ import annotations

import base64
import json
from decimal import Decimal

import pytest

IMAGE = {"model": "black-forest-labs/flux.2-pro", "prompt": "A cat"}
SPEECH = {"model": "openai/gpt-4o-mini-tts", "input": "Hello there", "voice": "alloy"}
HEARD = "openai/gpt-4o-mini-transcribe"
SOUND = base64.b64encode(b"x" * 32_000).decode()


def _charged(wire):
    wire.emulator.wait_idle()
    return wire.emulator.total_charged


def _record(wire, answer):
    return wire.get("/generation", id=answer.headers["x-generation-id"]).json()["data"]


# ---------------------------------------------------------------- images


def test_images_are_made_and_booked(wire):
    answer = wire.post("/images", {**IMAGE, "n": 2})
    made = answer.json()

    assert [base64.b64decode(i["b64_json"])[:4] for i in made["data"]] == [b"\x89PNG"] * 2
    assert Decimal(str(made["usage"]["cost"])) == _charged(wire) > 0
    assert _record(wire, answer)["api_type"] == "image"


def test_streamed_images_end_like_whole_ones(wire):
    whole = wire.post("/images", IMAGE).json()
    frames = wire.post("/images", {**IMAGE, "stream": True}).text.split("\n\n")
    data = [f.removeprefix("data: ") for f in frames if f.startswith("data: ")]
    events = [json.loads(d) for d in data[:-1]]

    assert data[-1] == "[DONE]"
    assert [e["type"].partition(".")[2] for e in events] == ["partial_image", "completed"]
    assert events[-1]["b64_json"] == whole["data"][0]["b64_json"]
    assert events[-1]["usage"] == whole["usage"]


@pytest.mark.parametrize(
    "more",
    [{"n": 11}, {"quality": 1}, {"background": "transparent", "output_format": "jpeg"}],
    ids=lambda m: next(iter(m)),
)
def test_images_that_the_api_does_not_make_are_refused(wire, more):
    assert wire.post("/images", {**IMAGE, **more}).status_code == 400


def test_a_model_that_only_writes_makes_no_image(wire):
    assert wire.post("/images", {**IMAGE, "model": "openai/gpt-5.5"}).status_code == 404


def test_image_models_and_their_prices_have_no_envelope_in_common(wire):
    models = wire.get("/images/models").json()["data"]
    prices = wire.get("/images/models/black-forest-labs/flux.2-pro/endpoints").json()

    assert IMAGE["model"] in {m["id"] for m in models}
    assert prices["endpoints"][0]["pricing"][0]["cost_usd"] == 0.00003
    assert wire.get("/images/models/no/such/endpoints").status_code == 404


# ---------------------------------------------------------------- sound


@pytest.mark.parametrize(
    ("form", "kind", "start"),
    [("mp3", "audio/mpeg", b"\xff\xfb"), (None, "audio/pcm", b"")],
    ids=["mp3", "default"],
)
def test_speech_is_bytes_and_is_booked(wire, form, kind, start):
    answer = wire.post("/audio/speech", {**SPEECH, "response_format": form})

    assert answer.headers["content-type"] == kind
    assert answer.content.startswith(start)
    assert len(answer.content) > 100
    assert _charged(wire) == len("Hello there") * Decimal("0.0000006")
    assert _record(wire, answer)["api_type"] == "tts"


def test_speech_in_another_form_is_refused_in_json(wire):
    answer = wire.post("/audio/speech", {**SPEECH, "response_format": "wav"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 400)


def test_a_transcription_is_the_same_from_json_and_from_a_form(wire):
    body = {"model": HEARD, "input_audio": {"data": SOUND, "format": "mp3"}}
    inline = wire.post("/audio/transcriptions", body).json()
    url = f"{wire.emulator.base_url}/audio/transcriptions"
    files = {"file": ("a.mp3", base64.b64decode(SOUND))}
    form = wire.http.post(url, files=files, data={"model": HEARD}, headers=wire.headers()).json()

    assert inline == form
    assert inline["usage"]["seconds"] == 2
    assert _charged(wire) == 2 * Decimal(str(inline["usage"]["cost"])) > 0


def test_the_long_form_has_segments_and_words(wire):
    body = {"model": HEARD, "input_audio": {"data": SOUND, "format": "mp3"}}
    more = {"response_format": "verbose_json", "timestamp_granularities": ["word"]}

    transcript = wire.post("/audio/transcriptions", {**body, **more}).json()

    assert (transcript["duration"], transcript["words"][-1]["end"]) == (2.0, 2.0)
    assert " ".join(word["word"] for word in transcript["words"]) == transcript["text"]


@pytest.mark.parametrize(
    "more",
    [
        {"response_format": "srt"},
        {"input_audio": {"data": "data:audio/mp3;base64,AAAA", "format": "mp3"}},
        {"temperature": 2},
    ],
    ids=["subtitles", "data URI", "temperature"],
)
def test_transcriptions_that_the_api_does_not_make_are_refused(wire, more):
    body = {"model": HEARD, "input_audio": {"data": SOUND, "format": "mp3"}, **more}

    assert wire.post("/audio/transcriptions", body).status_code == 400


# ---------------------------------------------------------------- decisions, completions

QUESTIONS = {
    "safe": {"type": "noul", "instructions": "Is it safe?"},
    "which": {"type": "choice", "instructions": "Which?", "criteria": {"red": "", "blue": ""}},
    "grade": {"type": "score", "instructions": "How good?", "criteria": ["bad", "fair", "good"]},
    "place": {"type": "box", "instructions": "Where?"},
}


@pytest.mark.parametrize("path", ["/api/alpha/decisions", "/api/v1/systemone"])
def test_every_question_has_an_answer_of_its_type(wire, path):
    body = {"model": "emulator/decider", "questions": QUESTIONS, "state": "The blue one."}
    answer = wire.http.post(wire.emulator.origin + path, json=body, headers=wire.headers()).json()

    assert {name: a["type"] for name, a in answer["answers"].items()} == {
        name: q["type"] for name, q in QUESTIONS.items()
    }
    assert answer["answers"]["which"]["choice"] == "blue"
    assert Decimal(str(answer["usage"]["cost"])) == _charged(wire) > 0


def test_a_choice_without_options_is_refused(wire):
    questions = {"which": {"type": "choice", "instructions": "Which?"}}
    body = {"model": "emulator/decider", "questions": questions, "state": "x"}

    assert wire.post("/systemone", body).status_code == 400


def test_a_completion_continues_a_prompt_whole_and_in_pieces(wire):
    body = {"model": "openai/gpt-4o-mini", "prompt": "Once upon a time"}
    whole = wire.post("/completions", body).json()
    frames = wire.post("/completions", {**body, "stream": True}).text.split("\n\n")
    chunks = [json.loads(f[6:]) for f in frames if f.startswith("data: {")]

    text = "".join(chunk["choices"][0]["text"] for chunk in chunks)
    assert whole["choices"][0]["text"] == text == "You said: Once upon a time."
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["usage"]["cost"] == whole["usage"]["cost"]
    content = wire.get("/generation/content", id=whole["id"]).json()["data"]
    assert content["input"] == {"prompt": "Once upon a time"}
