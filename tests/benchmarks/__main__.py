"""``make bench``: figures on a real Saleor, one JSON object a line.

Ratios compare two ways of doing the same in one run on one machine; what is going on goes to
stderr, and the logs with it.
"""

import subprocess
import sys
from pathlib import Path

from tests.saleor.runner import REPOSITORY, in_each, interpreter


def run(root: Path, environment: dict[str, str]) -> int:
    command = [str(interpreter(root)), "-m", "tests.benchmarks.figures", *sys.argv[1:]]
    values = {**environment, "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings"}
    return subprocess.run(command, cwd=REPOSITORY, env=values).returncode


if __name__ == "__main__":
    raise SystemExit(in_each("the benchmarks", run))
