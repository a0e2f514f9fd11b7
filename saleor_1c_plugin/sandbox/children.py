"""Processes that run while we do."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class ChildDied(Exception):
    """A process ended by itself; the text holds the end of its log."""


class Child:
    """A process in a group of its own, with its output in a file.

    Parameters
    ----------
    name
        For messages and the log's name.
    log_folder
        Where ``<name>.log`` goes.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log_folder: Path,
        *,
        cwd: Path | None = None,
        stdin: bytes = b"",
    ) -> None:
        self.name = name
        self.log = log_folder / f"{name}.log"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env={**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                # Ctrl-C in a terminal reaches the whole group: a child ends when it is told to.
                start_new_session=True,
            )
        if self._process.stdin is not None:
            self._process.stdin.write(stdin)
            self._process.stdin.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def check(self) -> None:
        """Raise :class:`ChildDied` if the process has ended."""
        if self._process.poll() is not None:
            raise ChildDied(f"{self.name} ended with {self._process.returncode}:\n{self.tail()}")

    def tail(self) -> str:
        """The end of the log."""
        return self.log.read_text(errors="replace")[-4000:]

    def wait(self, timeout: float) -> int:
        """Exit code of a process that ends by itself."""
        return self._process.wait(timeout)

    def stop(self, timeout: float = 20) -> None:
        """End the process, politely at first."""
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)
        self.kill()

    def kill(self) -> None:
        """End the process and all that it started, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
