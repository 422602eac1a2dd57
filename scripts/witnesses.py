"""Let SDKs that nobody here wrote call the emulator: their strict parsers have to accept what it answers.

They are OpenRouter's own for Python and for Vercel's AI SDK (node), OpenAI's, Anthropic's, and LiteLLM.

Each SDK gets an environment of its own under .venvs, made once and kept while its requirement stays the
same. Prints a table; ends with 1 when an answer was refused, with 3 when an SDK cannot be installed.

    python scripts/witnesses.py                    all of them
    python scripts/witnesses.py --only anthropic   one
    python scripts/witnesses.py --json FILE        every call, for other programs
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "shared")]

from scripts.side_environment import (  # noqa: E402  # path first
    NOT_INSTALLED,
    NotInstalledError,
    clean_environment,
    node_with,
    python_with,
)

WITNESSES = ROOT / "tests" / "witnesses"
REQUIREMENTS = {
    "openrouter": "openrouter>=1.3.84,<1.4",
    "openai": "openai>=3.54,<4",
    "anthropic": "anthropic>=2.12,<3",
    "litellm": "litellm>=1.110,<2",
}
NODE_REQUIREMENTS = {"ai": ["@openrouter/ai-sdk-provider@^3.1.0", "ai@^7.0.0", "zod@^4.1.8"]}
"""SDKs of node: the packages of each."""
_INSTALL_S = 180
_CALLS_S = 120


@dataclass
class Testimony:
    """What one SDK did and how it went."""

    sdk: str
    version: str = ""
    accepted: list[str] = field(default_factory=list[str])
    refused: dict[str, str] = field(default_factory=dict[str, str])
    took_s: float = 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Hear the witnesses and say whether they agree."""
    args = _parser().parse_args(arguments)
    try:
        heard = [hear(sdk) for sdk in args.only or [*REQUIREMENTS, *NODE_REQUIREMENTS]]
    except NotInstalledError as error:
        print(error)
        return NOT_INSTALLED
    if args.json:
        Path(args.json).write_text(json.dumps([asdict(t) for t in heard], indent=1), "utf-8")
    print(table(heard))
    return 1 if any(t.refused for t in heard) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    known = [*REQUIREMENTS, *NODE_REQUIREMENTS]
    parser.add_argument("--only", action="append", choices=known, help="one SDK")
    parser.add_argument("--json", help="write every call to this file")
    return parser


def table(heard: Sequence[Testimony]) -> str:
    """One line a witness, then every refusal."""
    lines = [f"{'SDK':<24}{'called':>8}{'accepted':>10}{'seconds':>9}"]
    for one in heard:
        called = len(one.accepted) + len(one.refused)
        lines.append(f"{one.version:<24}{called:>8}{len(one.accepted):>10}{one.took_s:>9.1f}")
    for one in heard:
        lines += [f"{one.sdk} refused {name}: {why}" for name, why in one.refused.items()]
    return "\n".join(lines)


# ---------------------------------------------------------------- hearing


def hear(sdk: str) -> Testimony:
    """Start an emulator, let the SDK call everything, and note how it went."""
    command, folder = _witness(sdk)
    from openrouter_emulator import Emulator

    began = time.monotonic()
    with Emulator() as emulator:
        settings = {
            "base_url": emulator.base_url,
            "origin": emulator.origin,
            "key": emulator.api_key,
            "management_key": emulator.management_key,
            **_seeds(),
        }
        output, failure = _listen(command, folder, json.dumps(settings))
    testimony = _read(sdk, output)
    testimony.took_s = time.monotonic() - began
    if failure:
        testimony.refused["the whole run"] = failure
    return testimony


def _witness(sdk: str) -> tuple[list[str], Path]:
    """The command that runs a witness in an environment of its own, and the folder for it."""
    if sdk in NODE_REQUIREMENTS:
        node, folder = node_with(f"witness-{sdk}", NODE_REQUIREMENTS[sdk], within_s=_INSTALL_S)
        beside = shutil.copy(WITNESSES / f"sdk_{sdk}.mjs", folder)  # node looks beside the script
        return [node, str(beside)], folder
    python = python_with(f"witness-{sdk}", [REQUIREMENTS[sdk]], within_s=_INSTALL_S)
    return [str(python), str(WITNESSES / f"sdk_{sdk}.py")], ROOT


def _listen(command: Sequence[str], folder: Path, settings: str) -> tuple[str, str]:
    """Run a witness; return what it printed, and why it did not come to its end."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**clean_environment("OPENAI_", "ANTHROPIC_"), "WITNESS_EMULATOR": settings},
            capture_output=True,
            text=True,
            timeout=_CALLS_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        printed = error.stdout or b""
        text = printed if isinstance(printed, str) else printed.decode()
        return text, f"it was not done after {_CALLS_S} seconds"
    return done.stdout, done.stderr.strip()[-2000:] if done.returncode else ""


def _seeds() -> dict[str, str]:
    from openrouter_emulator.state import seed_data

    return {
        "workspace": seed_data.WORKSPACE,
        "group": str(seed_data.GROUPS[0]["id"]),
        "policy": seed_data.POLICY,
        "intern": seed_data.INTERN,
        "container": seed_data.CONTAINER,
        "container_file": seed_data.CONTAINER_FILE,
    }


def _read(sdk: str, output: str) -> Testimony:
    testimony = Testimony(sdk, sdk)
    for line in output.splitlines():
        seen = json.loads(line)
        if "version" in seen:
            testimony.version = seen["version"]
        elif seen["accepted"]:
            testimony.accepted.append(seen["operation"])
        else:
            testimony.refused[seen["operation"]] = seen["reason"]
    return testimony


if __name__ == "__main__":
    sys.exit(main())
