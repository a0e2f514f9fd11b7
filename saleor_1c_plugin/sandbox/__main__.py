"""Command ``onec-sandbox``: the mini-shop until Ctrl-C."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .runner import Sandbox, serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mini-shop; returns the exit code."""
    parser = argparse.ArgumentParser(prog="onec-sandbox", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".sandbox"), help="folder for its data")
    parser.add_argument("--port", type=int, default=8000, help="of the web server; 0: a free one")
    options = parser.parse_args(arguments)
    with Sandbox(options.data, port=options.port) as sandbox:
        describe(sandbox)
        serve(sandbox.children())
    return 0


def describe(sandbox: Sandbox) -> None:
    """Print where everything is."""
    print(f"Shop:      {sandbox.url}")
    print(f"Journal:   {sandbox.journal_url}")
    print(f"For 1C:    {sandbox.exchange_url}")
    print(f"Login:     {sandbox.login}")
    print(f"Password:  {sandbox.password}")
    print(f"Logs:      {sandbox.folder}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
