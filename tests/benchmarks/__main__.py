"""``make bench``: figures, one JSON object a line; all but ``outbox`` on a real Saleor.

Ratios compare two ways of doing the same in one run on one machine; what is going on goes to
stderr, and the logs with it.
"""

import subprocess
import sys
from pathlib import Path

from tests.saleor.runner import REPOSITORY, in_each, interpreter

from . import outbox

NAMES = sys.argv[1:]


def run(root: Path, environment: dict[str, str]) -> int:
    command = [
        str(interpreter(root)),
        "-m",
        "tests.benchmarks.figures",
        *(name for name in NAMES if name != "outbox"),
    ]
    values = {**environment, "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings"}
    return subprocess.run(command, cwd=REPOSITORY, env=values).returncode


if __name__ == "__main__":
    if not NAMES or "outbox" in NAMES:
        outbox.figure()
    if NAMES == ["outbox"]:
        raise SystemExit
    raise SystemExit(in_each("the benchmarks", run))
