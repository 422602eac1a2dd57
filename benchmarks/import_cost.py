"""What importing costs: CPU, modules and memory of a fresh process. Called by `run.py`."""

from __future__ import annotations

import json
import subprocess

from environments import Contender, python_of
from processes import HERE, QUIET

_CODE = """
import json, resource, sys, time
modules, memory = len(sys.modules), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
{imports}
cost = time.process_time() - start
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
print(json.dumps({{"ms": cost * 1000, "modules": len(sys.modules) - modules, "mb": memory / 1024}}))
"""


def import_cost(contender: Contender) -> dict[str, float]:
    """Import in a fresh process what a user of the contender imports; empty when that fails."""
    command = [str(python_of(contender.environment)), "-c", _CODE.format(imports=contender.imports)]
    # Not from the project's root: its packages would stand before those of the same name.
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE, env=QUIET)
    return json.loads(done.stdout) if not done.returncode else {}
