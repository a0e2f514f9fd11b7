"""Run this suite inside real Saleor checkouts: ``python -m tests.saleor [pytest's arguments]``."""

import subprocess
import sys
from pathlib import Path

from .runner import REPOSITORY, in_each, interpreter


def run(root: Path, environment: dict[str, str]) -> int:
    command = [str(interpreter(root)), "-m", "pytest", "-p", "no:cacheprovider", "-q"]
    command += ["--ds=tests.saleor.settings", "--confcutdir=tests/saleor"]
    named = [argument for argument in sys.argv[1:] if argument.startswith("tests/")]
    command += sys.argv[1:] if named else ["tests/saleor", *sys.argv[1:]]
    return subprocess.run(command, cwd=REPOSITORY, env=environment).returncode


if __name__ == "__main__":
    raise SystemExit(in_each("the Saleor suite", run))
