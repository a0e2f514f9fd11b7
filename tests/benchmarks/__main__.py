"""``make bench``: figures, one JSON object a line; some on the mini-shop, the others on Saleor.

Ratios compare two ways of doing the same in one run on one machine; what is going on goes to
stderr, and the logs with it.
"""

import subprocess
import sys
from pathlib import Path

from tests.saleor.runner import REPOSITORY, in_each, interpreter

from . import composing, outbox, receipt_queue

NAMES = sys.argv[1:]
#: Those in which Saleor has no part.
OWN = {
    "outbox": outbox.figure,
    "composing": composing.figure,
    "receipt_queue": receipt_queue.figure,
}


def run(root: Path, environment: dict[str, str]) -> int:
    command = [
        str(interpreter(root)),
        "-m",
        "tests.benchmarks.figures",
        *(name for name in NAMES if name not in OWN),
    ]
    values = {**environment, "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings"}
    return subprocess.run(command, cwd=REPOSITORY, env=values).returncode


if __name__ == "__main__":
    for name, figure in OWN.items():
        if not NAMES or name in NAMES:
            figure()
    if NAMES and set(NAMES) <= OWN.keys():
        raise SystemExit
    raise SystemExit(in_each("the benchmarks", run))
