"""The processes of a run: the server, and one worker per contender, asked in turns."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from environments import LOGS, Contender, installed, python_of

HERE = Path(__file__).parent
QUIET = {
    **{k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LANGSMITH_TRACING": "false",
}
"""Peers neither look anything up nor report anywhere, and nobody compiles a module twice."""


@contextmanager
def server() -> Iterator[str]:
    """Run the server; it ends when its input closes."""
    command = [sys.executable, str(HERE / "canned_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdin
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()


class Worker:
    """The process of one contender. It is started again after a crash or a job that took too long."""

    def __init__(self, contender: Contender, url: str) -> None:
        self.contender = contender
        self.offers: frozenset[str] = frozenset()
        self._url = url
        self._process: subprocess.Popen[str] | None = None
        self.trouble = installed(contender.environment)

    def ask(self, job: dict[str, Any], *, timeout_s: float = 60) -> dict[str, Any]:
        """Have a job done; what goes wrong is told under "error"."""
        if self.trouble:
            return {"error": self.trouble}
        process = self._process = self._process or self._started()
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            if not select.select([process.stdout], [], [], timeout_s)[0]:
                self.stop()
                return {"error": f"over {timeout_s:.0f} s"}
            return json.loads(process.stdout.readline())  # type: ignore[no-any-return]  # ours
        except (BrokenPipeError, ValueError):
            self.stop()
            return {"error": "the process ended" + self._last_words()}

    def _started(self) -> subprocess.Popen[str]:
        python = str(python_of(self.contender.environment))
        return subprocess.Popen(
            [python, str(HERE / "worker.py"), self.contender.module, self._url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log().open("w"),
            env=QUIET,
            text=True,
        )

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _log(self) -> Path:
        LOGS.mkdir(parents=True, exist_ok=True)
        return LOGS / f"{self.contender.module}.log"

    def _last_words(self) -> str:
        lines = self._log().read_text("utf-8", errors="replace").strip().splitlines()
        return f": {lines[-1][:160]}" if lines else ""
