"""`openrouter ask` and `openrouter chat`: an answer as it comes, with its cost."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from openrouter_core import media
from openrouter_core.cli.clients import client
from openrouter_core.cli.output import Json, print_json, usd
from openrouter_core.client import OpenRouterClient
from openrouter_core.costs.records.usage import usd as usd_of
from openrouter_core.errors import ConfigurationError, OpenRouterError

DEFAULT_MODEL = "openrouter/auto"
Model = Annotated[str, typer.Option("--model", "-m", help="E.g. openai/gpt-4o-mini.")]
System = Annotated[str | None, typer.Option("--system", "-s", help="Instructions for the model.")]
Effort = Annotated[str | None, typer.Option(help="Reasoning effort: minimal, low, medium, high.")]
_IMAGES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
_SOUNDS = (".wav", ".mp3", ".flac", ".m4a", ".ogg")
_TEXTS = (".txt", ".md", ".py", ".json", ".csv", ".toml", ".yaml", ".yml", ".html")


def ask(
    question: Annotated[
        list[str] | None, typer.Argument(help="Without it: what is piped in.")
    ] = None,
    *,
    model: Model = DEFAULT_MODEL,
    system: System = None,
    file: Annotated[
        list[Path] | None, typer.Option("--file", "-f", help="An image, sound, PDF or text.")
    ] = None,
    effort: Effort = None,
    as_json: Json = False,
) -> None:
    """Ask one question. The answer goes to stdout; thinking, model and cost to stderr."""
    text = " ".join(question or ()) or ("" if sys.stdin.isatty() else sys.stdin.read())
    if not text.strip():
        raise typer.BadParameter("There is no question. Write one, or pipe it in.")
    messages = [*_system(system), {"role": "user", "content": _content(text, file or [])}]
    with client() as opened:
        if as_json:
            print_json(opened.chat.send(messages, model=model, **_reasoning(effort)).raw)
        else:
            _stream(opened, messages, model, effort)


def chat(*, model: Model = DEFAULT_MODEL, system: System = None, effort: Effort = None) -> None:
    """Talk to a model, turn by turn; an empty line or Ctrl-D ends it."""
    messages: list[dict[str, Any]] = _system(system)
    with client() as opened:
        while text := _next_line():
            messages.append({"role": "user", "content": text})
            try:
                answer = _stream(opened, messages, model, effort)
            except OpenRouterError as error:  # the talk goes on
                Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
                messages.pop()
            else:
                messages.append(answer)


def _next_line() -> str:
    try:
        return input("> " if sys.stdin.isatty() else "").strip()
    except EOFError:
        return ""


def _stream(
    opened: OpenRouterClient, messages: list[dict[str, Any]], model: str, effort: str | None
) -> dict[str, Any]:
    """Print an answer as it comes; return it as the message that a next turn needs."""
    notes = Console(stderr=True, soft_wrap=True)
    is_thinking = False
    with opened.chat.stream(messages, model=model, **_reasoning(effort)) as stream:
        for chunk in stream:
            for choice in chunk.get("choices") or ():
                delta = choice.get("delta") or {}
                if thought := delta.get("reasoning"):
                    is_thinking = True
                    notes.print(thought, style="dim", end="", markup=False, highlight=False)
                if text := delta.get("content"):
                    if is_thinking:
                        notes.print("\n")
                        is_thinking = False
                    print(text, end="", flush=True)
        so_far = stream.so_far
    print()
    cost = usd(usd_of((so_far.usage or {}).get("cost")))
    notes.print(f"{so_far.model or model}  {cost}", style="dim", markup=False, highlight=False)
    details = so_far.reasoning_details
    return {
        "role": "assistant",
        "content": so_far.text,
        **({"reasoning_details": details} if details else {}),
    }


def _system(text: str | None) -> list[dict[str, Any]]:
    return [{"role": "system", "content": text}] if text else []


def _reasoning(effort: str | None) -> dict[str, Any]:
    return {"reasoning": {"effort": effort}} if effort else {}


def _content(text: str, files: list[Path]) -> str | list[dict[str, Any]]:
    if not files:
        return text
    return [{"type": "text", "text": text}, *map(_part, files)]


def _part(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise typer.BadParameter(f"There is no file {file}.")
    ending = file.suffix.lower()
    if ending in _IMAGES:
        return media.image_url(file)
    if ending in _SOUNDS:
        return media.chat_audio(file)
    if ending == ".pdf":
        return media.chat_file(file)
    if ending in _TEXTS:
        return {"type": "text", "text": f"{file.name}:\n\n{file.read_text('utf-8')}"}
    raise ConfigurationError(
        f"{file.name}: of a file ending in {ending or 'nothing'} it is not known what to make. "
        f"Known are {', '.join((*_IMAGES, *_SOUNDS, '.pdf', *_TEXTS))}."
    )
