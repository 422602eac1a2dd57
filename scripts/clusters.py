"""Let Ray Data, Spark and Dask carry out jobs on a local cluster, against servers that keep books.

Each runs in an environment of its own under .venvs, made once: Ray and Spark are a gigabyte, too much for the
environment of the tests. The programs are examples/ray_data.py, spark_udf.py and dask_frame.py, each prompt
of which must be paid once, and tests/clusters/fleet.py. Ends with 1 when one failed, with 3 when they cannot
be installed. `make clusters` calls this.

    python scripts/clusters.py [--only fleet]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "shared")]

from scripts.side_environment import (  # noqa: E402  # path first
    NOT_INSTALLED,
    NotInstalledError,
    clean_environment,
    python_with,
)
from tests.token_bucket import TokenBucketServer  # noqa: E402  # path first

WANTED = (
    f"--editable={ROOT}[ray,langchain]",
    "pyspark>=4",
    "dask[dataframe,distributed]>=2026.1",
    "pandas>=2.2.2",
)
EXAMPLES = ("ray_data", "spark_udf", "dask_frame")
_INSTALL_S, _RUN_S = 900, 600


def main(arguments: Sequence[str] | None = None) -> int:
    """Run them one after the other."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", action="append", choices=[*EXAMPLES, "fleet"])
    chosen = parser.parse_args(arguments).only or [*EXAMPLES, "fleet"]
    try:
        python = python_with("clusters", WANTED, within_s=_INSTALL_S)
    except NotInstalledError as error:
        print(error)
        return NOT_INSTALLED
    failed = [name for name in chosen if not _run(python, name)]
    print(f"failed: {', '.join(failed)}" if failed else f"all {len(chosen)} did their job")
    return 1 if failed else 0


def _run(python: Path, name: str) -> bool:
    if name == "spark_udf" and shutil.which("java") is None:
        print(f"{name:12}skipped: Spark needs Java, which is not installed", flush=True)
        return True
    begun = time.monotonic()
    why_not = _fleet(python) if name == "fleet" else _example(python, name)
    verdict = "FAILED" if why_not else "ok"
    print(f"{name:12}{verdict:8}{time.monotonic() - begun:6.1f} s", flush=True)
    if why_not:
        print(why_not, flush=True)
    return not why_not


def _fleet(python: Path) -> str:
    done = _ran(python, "-m", "tests.clusters.fleet")
    if not done.returncode:
        print(done.stdout.strip(), flush=True)
        return ""
    return (done.stdout + done.stderr)[-4000:]


def _example(python: Path, name: str) -> str:
    """Run an example against a server that counts how often each prompt is paid."""
    with TokenBucketServer(200) as server, tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{folder}/job.db"
        script = str(ROOT / "examples" / f"{name}.py")
        done = _ran(python, script, store, OPENROUTER_BASE_URL=server.url)
        if done.returncode:
            return (done.stdout + done.stderr)[-4000:]
        if len(server.answered) != 40 or set(server.answered.values()) != {1}:
            return f"40 prompts were to be paid once each: {server.answered.most_common(5)}"
        print(done.stdout.strip(), flush=True)
    return ""


def _ran(python: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "shared"), str(ROOT / "examples")])
    ours = {
        "OPENROUTER_API_KEY": "sk-or-secret",
        "PYTHONPATH": paths,
        "PYSPARK_PYTHON": str(python),
        "RAY_USAGE_STATS_ENABLED": "0",
        **settings,
    }
    return subprocess.run(
        [str(python), *command],
        cwd=ROOT,
        env={**clean_environment(), **ours},
        capture_output=True,
        text=True,
        timeout=_RUN_S,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
