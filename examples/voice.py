"""A spoken question, a spoken answer: `python examples/voice.py question.wav`; without a file it speaks one itself.

Writes answer.wav into the folder named by --to. Three models at work: one speaks, one listens and answers aloud, one writes down what
was said.
"""

from __future__ import annotations

import argparse
from base64 import b64decode
from pathlib import Path

import replies
from api import an_api
from langchain_core.messages import HumanMessage

from langchain_openrouter import ChatOpenRouter
from openrouter_core import OpenRouterClient
from openrouter_core.costs import track_openrouter_cost
from openrouter_core.media import pcm16_to_wav

QUESTION = "What is the tallest lighthouse in Portugal? One sentence, please."


def spoken(client: OpenRouterClient, text: str, file: Path) -> Path:
    """Let a model read a text aloud."""
    sound = client.audio.speak(
        text, model="openai/gpt-4o-mini-tts", voice="alloy", response_format="pcm"
    )
    file.write_bytes(pcm16_to_wav(sound))
    return file


def answered(question: Path) -> tuple[str, bytes]:
    """What a model that hears and speaks says to a question: its words, and the sound of them."""
    model = ChatOpenRouter(
        model="openai/gpt-audio-mini",
        modalities=["text", "audio"],
        audio={"voice": "alloy", "format": "wav"},
    )
    heard = {"type": "audio", "base64": base64_of(question), "mime_type": "audio/wav"}
    answer = model.invoke([HumanMessage([heard])])
    sound = next(block for block in answer.content_blocks if block["type"] == "audio")
    words = answer.text or str(sound.get("extras", {}).get("transcript", ""))
    return words, b64decode(sound["base64"])


def base64_of(file: Path) -> str:
    """A file as text."""
    from base64 import b64encode

    return b64encode(file.read_bytes()).decode()


def main(question: Path | None, folder: Path) -> None:
    """Speak, listen, answer."""
    client = OpenRouterClient()
    with track_openrouter_cost() as spent:
        recording = question or spoken(client, QUESTION, folder / "question.wav")
        written = client.audio.transcribe_file(recording, model="openai/gpt-4o-mini-transcribe")
        words, sound = answered(recording)
    spent.flush(timeout_s=10)  # the price of speech is known some seconds later
    file = folder / "answer.wav"
    file.write_bytes(sound)
    print(f"asked     {recording}: {written.text}")
    print(f"answered  {file} ({len(sound):,} bytes): {words}")
    for call in spent.calls:
        print(f"  ${call.cost.total or 0:.6f}  {call.requested_model}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("question", nargs="?", type=Path, help="a WAV file")
    parser.add_argument("--to", type=Path, default=Path())
    args = parser.parse_args()
    with an_api(replies.voice):
        main(args.question, args.to)
