"""The command `openrouter`, as a user types it, against the emulator."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest

pytest.importorskip("typer", reason="the command needs the extra [cli]")
keyring: Any = pytest.importorskip("keyring", reason="the command needs the extra [cli]")
from keyring.backend import KeyringBackend  # noqa: E402  # needs the extra
from keyring.errors import PasswordDeleteError  # noqa: E402  # as above

from openrouter_core.cli import app  # noqa: E402  # as above
from openrouter_core.costs import CostLedger  # noqa: E402  # as above
from openrouter_emulator import Emulator, Reply, faults  # noqa: E402  # as above

GPT = "openai/gpt-4o-mini"
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
ROOT = Path(__file__).resolve().parents[3]
Run = Callable[..., tuple[int, str, str]]


class Drawer(KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]  # keyring declares a classproperty

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(autouse=True)
def drawer(emulator, monkeypatch) -> Iterator[Drawer]:
    emulator.reset()
    monkeypatch.setenv("OPENROUTER_API_KEY", emulator.api_key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", emulator.base_url)
    before = keyring.get_keyring()
    keyring.set_keyring(made := Drawer())
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def openrouter(capsys) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = app.run(arguments)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def lines(printed: str) -> list[list[str]]:
    return [line.split("\t") for line in printed.splitlines()]


# ---------------------------------------------------------------- models


def test_models_are_searched_by_words_and_filters(openrouter):
    code, printed, _ = openrouter("models", "gpt-4o", "mini", "--tools", "--modality", "image")

    head, *found = lines(printed)
    assert code == 0
    assert head[0] == "model"
    assert GPT in [line[0] for line in found]
    assert all("gpt-4o" in line[0] and line[2] == "yes" for line in found)


@pytest.mark.parametrize("sort", ["price", "context", "newest", "name"])
def test_models_are_sorted_and_limited(openrouter, sort):
    _, printed, _ = openrouter("models", "--sort", sort, "--limit", "7")

    assert len(lines(printed)) == 8


def test_free_models_cost_nothing(openrouter):
    _, printed, _ = openrouter("models", "--free", "--json")

    prices = [model["pricing"]["prompt"] for model in json.loads(printed)]
    assert prices
    assert all(float(price) <= 0 for price in prices)


def test_json_is_what_openrouter_said(openrouter, emulator):
    _, printed, _ = openrouter("models", GPT, "--json")
    answer = httpx2.get(f"{emulator.base_url}/models").json()["data"]

    assert json.loads(printed) == [model for model in answer if GPT in model["id"]]


def test_the_providers_of_a_model(openrouter):
    _, printed, _ = openrouter("endpoints", GPT)

    assert [line[0] for line in lines(printed)[1:]] == ["OpenAI", "Azure"]


def test_a_terminal_gets_a_table_that_fits_and_a_pipe_gets_no_colors(openrouter, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    _, piped, _ = openrouter("models", "gpt-4o", "--limit", "3")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    _, shown, _ = openrouter("models", "gpt-4o", "--limit", "3")

    assert "\x1b" not in piped
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert all(len(line) <= 40 for line in plain.splitlines())
    ids = [line.strip() for line in plain.splitlines() if not line.startswith("  ")]
    assert ids == [line[0] for line in lines(piped)[1:]]  # whole, to be copied
    assert "\n  in text, image, file, tools yes," in plain


def test_a_sentence_and_a_list_of_facts_are_wrapped_between_words(openrouter, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    _, facts, _ = openrouter("doctor")
    _, _, refused = openrouter("ask", "-m", "openai/gpt-4o-minni", "Hello")

    assert "\n          " in facts  # below the value before
    assert re.search(r"Did you mean\s+openai/gpt-4o-mini\s", re.sub(r"\x1b\[[0-9;]*m", "", refused))
    assert max(map(len, re.sub(r"\x1b\[[0-9;]*m", "", refused).splitlines())) <= 40


# ---------------------------------------------------------------- the account


def test_the_key_in_use(openrouter, emulator):
    code, printed, _ = openrouter("key")

    assert code == 0
    assert "used" in printed
    assert emulator.api_key not in printed


def test_what_needs_a_management_key(openrouter, emulator, monkeypatch):
    code, _, refused = openrouter("credits")
    assert code == 1
    assert "management key" in refused
    monkeypatch.setenv("OPENROUTER_API_KEY", emulator.management_key)

    assert "$1,000.00" in openrouter("credits")[1]
    assert lines(openrouter("activity", "--by", "model")[1])[0][0] == "model"
    assert openrouter("activity", "--by", "colour")[0] == 2


def test_a_key_is_made_stopped_and_deleted(openrouter, emulator, monkeypatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", emulator.management_key)
    _, printed, _ = openrouter("keys", "create", "ci", "--limit-usd", "2.5", "--json")
    made = json.loads(printed)

    (mine,) = [line for line in lines(openrouter("keys", "list")[1]) if line[1] == "ci"]
    assert mine[4] == "$2.50"
    assert made["key"] not in "".join(mine)
    short = made["hash"][:12]
    assert openrouter("keys", "disable", short)[1] == "ci is disabled.\n"
    assert openrouter("keys", "enable", short)[1] == "ci is enabled.\n"
    assert openrouter("keys", "delete", short, "--yes")[1] == "ci is deleted.\n"
    assert openrouter("keys", "delete", short, "--yes")[0] == 2


def test_what_a_call_cost(openrouter, emulator):
    openrouter("ask", "-m", GPT, "Hello")
    (made,) = emulator.charges

    _, printed, _ = openrouter("generation", made.generation_id)

    assert GPT in printed
    assert "cost" in printed


# ---------------------------------------------------------------- questions


def test_the_answer_goes_to_stdout_and_its_cost_beside_it(openrouter, emulator):
    emulator.script(Reply("Forty-two.", reasoning="Let me think."))

    code, printed, beside = openrouter(
        "ask", "-m", "deepseek/deepseek-r1", "-s", "Be short.", "What", "is", "it?"
    )

    assert (code, printed) == (0, "Forty-two.\n")
    assert "Let me think." in beside
    assert "$0.0" in beside
    assert [m["content"] for m in emulator.requests[-1].json["messages"]] == [
        "Be short.",
        "What is it?",
    ]


def test_files_go_along(openrouter, emulator, tmp_path):
    (tmp_path / "one.png").write_bytes(base64.b64decode(PIXEL))
    (tmp_path / "two.txt").write_text("hello")
    (tmp_path / "three.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    code, *_ = openrouter(
        *(
            "ask",
            "-m",
            GPT,
            "-f",
            f"{tmp_path}/one.png",
            "-f",
            f"{tmp_path}/two.txt",
            "-f",
            f"{tmp_path}/three.pdf",
            "What is it?",
        )
    )

    parts = emulator.requests[-1].json["messages"][0]["content"]
    assert code == 0
    assert [part["type"] for part in parts] == ["text", "image_url", "text", "file"]
    assert openrouter("ask", "-f", f"{tmp_path}/none.png", "x")[0] == 2
    (tmp_path / "x.odd").write_bytes(b"")
    assert ".odd" in openrouter("ask", "-f", f"{tmp_path}/x.odd", "x")[2]


def test_a_talk_keeps_what_was_said_and_survives_a_refusal(openrouter, emulator, monkeypatch):
    turns = iter(["My name is Ann.", "Refuse this.", "Who am I?", ""])
    monkeypatch.setattr("builtins.input", lambda prompt: next(turns))
    emulator.script(["Hello Ann.", "Ann."])
    emulator.fail_sequence([None, faults.by_name("status_400")])

    code, printed, beside = openrouter("chat", "-m", GPT)

    assert (code, printed) == (0, "Hello Ann.\nAnn.\n")
    assert "400" in beside
    sent = [m["content"] for m in emulator.requests[-1].json["messages"]]
    assert sent == ["My name is Ann.", "Hello Ann.", "Who am I?"]


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("modles",), 2, "There is no command modles. Did you mean models?"),
        (("models", "--sort", "size"), 2, "size is not a way to sort"),
        (("endpoints", "gpt-4o-mini"), 2, "Did you mean openai/gpt-4o-mini"),
        (("endpoints", "openai/gpt4o-mini"), 1, "Did you mean openai/gpt-4o-mini"),
        (("ask", "-m", "openai/gpt-4o-minii", "x"), 1, "Did you mean openai/gpt-4o-mini"),
        (("generation", "gen-none"), 1, "not found"),
        (("costs", "report", "nowhere.db"), 2, "There is no file nowhere.db"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_a_mistake_is_a_sentence(openrouter, arguments, code, sentence):
    ended, printed, refused = openrouter(*arguments)

    assert ended == code
    assert sentence in " ".join(refused.replace("│", "").split())
    assert "Traceback" not in refused
    assert printed == ""


def test_a_port_that_cannot_be_is_a_sentence(openrouter, tmp_path):
    CostLedger(f"sqlite:///{tmp_path}/costs.db").close()

    code, _, refused = openrouter("costs", "serve", f"{tmp_path}/costs.db", "--port", "99999")

    assert (code, "Invalid value for '--port'" in refused) == (2, True)


def test_without_a_key_it_says_what_to_do(openrouter, monkeypatch):
    monkeypatch.delenv("OPENROUTER_API_KEY")

    code, _, refused = openrouter("key")

    assert code == 1
    assert "Set OPENROUTER_API_KEY, or run `openrouter login`." in refused


# ---------------------------------------------------------------- signing in


def browse(address: str) -> bool:
    Thread(target=lambda: httpx2.get(address, follow_redirects=True)).start()
    return True


def test_the_key_of_login_also_reconciles_costs(
    openrouter, emulator, drawer, monkeypatch, tmp_path
):
    monkeypatch.delenv("OPENROUTER_API_KEY")
    ledger = f"sqlite:///{tmp_path}/costs.db"
    CostLedger(ledger).close()
    assert openrouter("costs", "reconcile", ledger)[0] == 1
    drawer.set_password("openrouter", emulator.base_url, emulator.api_key)

    assert openrouter("costs", "reconcile", ledger)[:2] == (0, "0 looked up, 0 still open.\n")
    assert "OPENROUTER_API_KEY" not in os.environ


def test_login_keeps_a_key_for_the_command_alone(openrouter, emulator, drawer, monkeypatch):
    monkeypatch.delenv("OPENROUTER_API_KEY")
    monkeypatch.setattr(webbrowser, "open", browse)

    code, printed, _ = openrouter("login", "--auth-url", f"{emulator.origin}/auth")

    (key,) = drawer.kept.values()
    assert code == 0
    assert key not in printed
    assert openrouter("key")[0] == 0
    assert openrouter("logout")[0] == 0
    assert openrouter("logout")[0] == 0
    assert openrouter("key")[0] == 1


# ---------------------------------------------------------------- the check-up


def test_doctor_is_content(openrouter):
    code, printed, _ = openrouter("doctor")

    assert code == 0, printed
    for name in ("versions", "TLS", "network", "clock", "account"):
        assert name in printed


def test_doctor_says_what_to_do(openrouter, emulator, monkeypatch):
    monkeypatch.setenv("OPENROUTER_BASE_URL", "http://127.0.0.1:9/api/v1")
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:secret-word@proxy.example:3128")
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-" + "0" * 64)

    code, printed, _ = openrouter("doctor", "--json")

    found = {check["name"]: check for check in json.loads(printed)}
    assert code == 1
    assert found["network"]["advice"]
    assert "secret-word" not in printed


@pytest.mark.parametrize(
    "address",
    [
        "http://ann:secret-word@proxy.example:3128",
        "secret-word@proxy.example:3128",
        "http://secret-word@proxy.example",
        "ann:secret-word@proxy.example:3128",
        "http://ann:secret-w@secret-word@proxy.example/",
    ],
)
def test_doctor_shows_a_proxy_without_its_credentials(openrouter, monkeypatch, address):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("all_proxy", address)

    _, printed, _ = openrouter("doctor", "--json")

    assert "***@proxy.example" in printed
    assert "secret-w" not in printed


def test_doctor_knows_the_other_distribution(openrouter, tmp_path, monkeypatch):
    info = tmp_path / "langchain_openrouter-0.2.9.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text("Name: langchain-openrouter\nVersion: 0.2.9\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))

    code, printed, _ = openrouter("doctor")

    assert code == 1
    assert "pip uninstall langchain-openrouter" in printed


# ---------------------------------------------------------------- the script itself


def test_without_its_extra_the_script_says_what_to_install():
    program = (
        "import sys; sys.modules['typer'] = None; from openrouter_core.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "shared")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert "The command openrouter needs typer" in done.stderr
    assert "pip install '.[cli]'" in done.stderr


def test_help_in_a_narrow_terminal_fits_and_cuts_no_name_off():
    program = (
        "from openrouter_core.cli import app\n"
        "for command in ([], ['batch'], ['models'], ['keys']): app.run([*command, '--help'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "shared"), "COLUMNS": "40", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert "--retry-failed" in done.stdout
    assert "…" not in done.stdout
    assert [line for line in done.stdout.splitlines() if len(line) > 40] == []


def test_the_help_of_other_programs_is_theirs_under_our_name(openrouter):
    _, ledger, _ = openrouter("costs", "--help")
    _, one, _ = openrouter("costs", "report", "--help")
    local = subprocess.run(  # pytest rewrites that package, so that `runpy` cannot load it here
        [
            sys.executable,
            "-c",
            "from openrouter_core.cli import app; app.run(['emulator', '--help'])",
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT / "shared")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout

    assert "Usage: openrouter costs" in ledger
    assert "Usage: openrouter costs report" in one
    assert "--no-dialects" in local
