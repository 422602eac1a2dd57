"""The emulator as a program: starting, stopping, recording, forgetting."""

from __future__ import annotations

import errno
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from openrouter_emulator import Emulator, faults
from openrouter_emulator import __main__ as program
from openrouter_emulator.state import state

SHARED = Path(__file__).resolve().parents[2] / "shared"
MARK = {"type": "ephemeral"}


def _seconds_to_start_and_stop() -> tuple[float, float]:
    began = time.monotonic()
    with Emulator() as emulator:
        started = time.monotonic()
        assert httpx2.get(f"{emulator.base_url}/models/count").status_code == 200
        answered = time.monotonic()
    return started - began, time.monotonic() - answered


def test_it_starts_and_stops_quickly():
    tries = [_seconds_to_start_and_stop() for _ in range(3)]

    assert min(start for start, _ in tries) < 0.3
    assert min(stop for _, stop in tries) < 0.5


def test_nothing_listens_and_no_thread_lives_after_it_stopped():
    before = set(threading.enumerate())
    with Emulator() as emulator:
        url = f"{emulator.base_url}/models"
        assert set(threading.enumerate()) > before

    assert set(threading.enumerate()) == before
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url)


def test_it_stops_although_an_answer_stalls():
    with Emulator() as emulator:
        emulator.fail_next(faults.stall_silent())
        with pytest.raises(httpx2.ReadTimeout):
            httpx2.post(
                f"{emulator.base_url}/chat/completions",
                headers={"Authorization": f"Bearer {emulator.api_key}"},
                json={
                    "model": "openai/gpt-4o-mini",
                    "messages": [{"role": "user", "content": "x"}],
                },
                timeout=0.2,
            )
        began = time.monotonic()

    assert time.monotonic() - began < 2


def test_two_emulators_share_nothing(wire):
    with Emulator() as other:
        assert other.port != wire.emulator.port
        assert other.api_key != wire.emulator.api_key
        wire.ok()
        assert other.requests == []
        assert wire.get("/key", key=other.api_key).status_code == 401


def test_requests_are_recorded_with_body_headers_and_query(wire):
    wire.chat("Hi", headers={"HTTP_Referer": "https://app.test"}, safe_prompt=True)
    wire.get("/models", limit=2)

    sent, listed = wire.emulator.requests
    assert (sent.method, sent.path) == ("POST", "/chat/completions")
    assert sent.json["safe_prompt"] is True
    assert sent.headers["http-referer"] == "https://app.test"
    assert listed.query == {"limit": "2"}
    assert wire.emulator.last is listed
    assert wire.emulator.bodies == [sent.json]


def test_no_key_shows_in_a_repr(wire):
    wire.ok()

    shown = repr(wire.emulator.requests) + repr(wire.emulator.state.keys[wire.emulator.api_key])
    assert wire.emulator.api_key not in shown


def test_reset_forgets_everything_but_keys_and_address(wire):
    before = (wire.emulator.base_url, wire.emulator.api_key)
    wire.ok()
    wire.emulator.script("scripted")
    wire.emulator.fail_next(faults.server_error())
    wire.emulator.chunk_gap_s = 5

    wire.emulator.reset()

    assert (wire.emulator.base_url, wire.emulator.api_key) == before
    assert wire.emulator.requests == wire.emulator.charges == []
    assert wire.emulator.chunk_gap_s == 0
    assert wire.message("Hello")["content"] == "You said: Hello."


def test_settings_are_keywords_and_attributes():
    emulator = Emulator(generation_delay_s=0.5)

    assert emulator.generation_delay_s == emulator.settings.generation_delay_s == 0.5


def test_a_misspelt_setting_is_an_error():
    with pytest.raises(AttributeError, match="no setting 'generation_delay'"):
        Emulator(generation_delay=1)


def test_an_unknown_path_is_a_404_in_the_envelope(wire):
    answer = wire.get("/no/such/path")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 404)


def test_a_wrong_method_is_a_405(wire):
    assert wire.get("/chat/completions").status_code == 405


def test_a_defect_of_the_emulator_says_so(wire, caplog):
    wire.emulator.script(lambda body: body["no such key"])
    answer = wire.chat()

    assert answer.status_code == 500
    assert answer.json()["error"]["message"].startswith("The emulator itself failed: KeyError")
    deadline = time.monotonic() + 2
    while "no such key" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "no such key" in caplog.text


def test_latency_delays_every_answer(wire):
    wire.emulator.latency_s = 0.15
    began = time.monotonic()
    wire.get("/models/count")

    assert time.monotonic() - began >= 0.15


@contextmanager
def _program(*options: str) -> Iterator[str]:
    """The program while it serves; what it has printed."""
    command = [sys.executable, "-m", "openrouter_emulator", *options]
    process = subprocess.Popen(command, cwd=SHARED, stdout=subprocess.PIPE, text=True)
    try:
        yield "".join(process.stdout.readline() for _ in range(6))
    finally:
        process.terminate()
        process.communicate(timeout=5)


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a POSIX shell")
def test_what_the_program_prints_can_be_pasted_into_a_shell_as_it_is():
    ask = (
        "import os, httpx2\n"
        "for key, path in (('API', 'key'), ('MANAGEMENT', 'credits')):\n"
        "    headers = {'Authorization': 'Bearer ' + os.environ[f'OPENROUTER_{key}_KEY']}\n"
        "    url = os.environ['OPENROUTER_BASE_URL'] + '/' + path\n"
        "    print(httpx2.get(url, headers=headers).status_code)\n"
    )
    with _program("--port", "0", "--usage-form", "2", "--tokens-per-s", "9") as printed:
        pasted = f"{printed}\n{sys.executable} - <<'END'\n{ask}END\n"
        done = subprocess.run(
            ["sh"], input=pasted, capture_output=True, text=True, check=False, timeout=30
        )

    assert (done.stdout.split(), done.stderr) == (["200", "200"], "")
    assert re.search(r"^export OPENROUTER_API_KEY=sk-or-v1-\w+ OPENROUTER_BASE_URL=http://", printed, re.MULTILINE)  # fmt: skip


def test_on_windows_they_are_lines_of_powershell(emulator):
    lines = program._pasteable(emulator, windows=True)

    assert f'$env:OPENROUTER_BASE_URL="{emulator.base_url}"' in lines[1]
    assert not any(line.startswith("export") for line in lines)


def test_a_port_that_cannot_be_is_said_in_a_sentence():
    with pytest.raises(OSError, match=r"cannot listen on port 99999 of 127\.0\.0\.1: bind"):
        Emulator(port=99999).start()


def test_a_port_that_is_taken_is_said_in_a_sentence(emulator):
    port = emulator.port
    taken = f"Port {port} of 127.0.0.1 is taken: another program listens there"
    with pytest.raises(OSError, match=taken) as caught:
        Emulator(port=port).start()
    assert caught.value.errno == errno.EADDRINUSE

    command = [sys.executable, "-m", "openrouter_emulator", "--port", str(port)]
    done = subprocess.run(command, cwd=SHARED, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(taken)
    assert len(done.stderr.splitlines()) == 1


def test_the_log_of_requests_keeps_the_latest(wire):
    wire.emulator.requests_kept = 3
    for at in range(5):
        wire.get("/models/count", at=at)

    assert [r.query["at"] for r in wire.emulator.requests] == ["2", "3", "4"]


def test_the_log_of_requests_is_bounded_in_bytes(wire, monkeypatch):
    monkeypatch.setattr(state, "_REQUEST_BYTES", 100_000)
    for at in range(20):
        wire.chat(f"{at:02}" + "x" * 10_000)

    held = sum(len(request.content) for request in wire.emulator.requests)
    assert 50_000 < held <= 100_000
    assert wire.emulator.last.json["messages"][0]["content"].startswith("19")


def test_the_latest_calls_are_kept_and_all_of_them_charged(wire):
    wire.emulator.calls_kept = 2
    ids = [wire.ok(f"Hello {at}")["id"] for at in range(4)]
    charged = wire.emulator.total_charged

    assert [c.generation_id for c in wire.emulator.charges] == ids[2:]
    assert len(wire.emulator.state.generations) == 2
    assert wire.get("/generation", id=ids[0]).status_code == 404
    assert wire.get("/generation", id=ids[3]).status_code == 200
    assert charged == wire.emulator.state.total_usage
    assert charged > sum(c.cost for c in wire.emulator.charges)
    wire.emulator.reset()
    assert wire.emulator.total_charged == 0


def test_the_content_of_calls_is_bounded_in_bytes(wire, monkeypatch):
    monkeypatch.setattr(state, "_CALL_BYTES", 100_000)
    for at in range(20):
        wire.ok(f"{at:02}" + "x" * 10_000)

    kept = wire.emulator.state.generations.values()
    assert 50_000 < sum(one.size for one in kept) <= 100_000
    assert len(wire.emulator.charges) == len(kept)


def test_what_calls_must_bring_back_is_forgotten_with_them(wire, tool):
    wire.emulator.calls_kept = 2
    more = {"model": "anthropic/claude-haiku-4.5", "tools": [tool("w", city="string")]}
    for at in range(4):
        wire.ok(f"Weather in Paris? {at}", reasoning={"effort": "low"}, cache_control=MARK, **more)

    assert len(wire.emulator.state.reasoning_of_call) == 2
    assert len(wire.emulator.state.cached_prefixes) == 2


def test_the_pytest_fixture_gives_a_fresh_emulator_and_sets_the_environment(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "import os\n"
        "def test_one(openrouter_emulator):\n"
        "    openrouter_emulator.script('left over')\n"
        "    assert os.environ['OPENROUTER_BASE_URL'] == openrouter_emulator.base_url\n"
        "def test_two(openrouter_emulator):\n"
        "    assert not openrouter_emulator.state.script\n"
        "    assert os.environ['OPENROUTER_API_KEY'] == openrouter_emulator.api_key\n"
    )
    environment = {"PYTHONPATH": str(SHARED), "PATH": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "openrouter_emulator.pytest_plugin"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert re.search(r"2 passed", done.stdout), done.stdout + done.stderr


def test_the_plugin_imports_no_server_before_a_test_asks():
    code = "import sys, openrouter_emulator.pytest_plugin; print('uvicorn' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=SHARED, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"


def test_without_its_extra_the_emulator_says_what_to_install():
    code = "import sys; sys.modules['uvicorn'] = None; from openrouter_emulator import Emulator"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=SHARED, capture_output=True, text=True, check=False
    )

    assert "The emulator needs uvicorn, which is not installed" in done.stderr
    assert "pip install '.[emulator]'" in done.stderr


def test_a_fault_may_be_named(wire):
    wire.emulator.fail_next("status_418")

    assert wire.post("/chat/completions", {}).status_code == 418


@pytest.mark.parametrize("wrong", ["status_9", faults.rate_limited])
def test_what_is_not_a_fault_is_refused_at_once(wire, wrong: object):
    with pytest.raises(TypeError, match=r"is not a fault. Take one of openrouter_emulator\.faults"):
        wire.emulator.fail_next(wrong)
    with pytest.raises(TypeError, match="is not a fault"):
        wire.emulator.fail_sequence([None, wrong])
