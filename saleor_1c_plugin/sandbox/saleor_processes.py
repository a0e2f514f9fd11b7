"""The processes that a Saleor consists of: its web server and its worker."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .children import Child
from .runner import wait_for

_START_SECONDS = 180


def worker_arguments() -> list[str]:
    """The module that is a worker, with its arguments."""
    return [
        *("celery", "--app", "saleor.celeryconf:app", "worker", "--loglevel", "INFO"),
        # Two, so that two exchanges at once are really at once.
        *("--concurrency", "2", "--without-gossip", "--without-mingle"),
    ]


@contextmanager
def saleor_processes(
    python: Path,
    root: Path,
    folder: Path,
    environment: Mapping[str, str],
    port: int,
    web: Sequence[str] | None = None,
) -> Iterator[list[Child]]:
    """Run them until the block ends; it begins when the web server answers.

    Parameters
    ----------
    python
        The interpreter of the environment with Saleor's dependencies.
    root, folder
        Where they run, and where their logs go.
    port
        Of the web server, on the loopback.
    web
        The module that serves there, with its arguments; without it, one process of uvicorn's.
    """
    web = web or [
        *("uvicorn", "saleor.asgi:application", "--host", "127.0.0.1"),
        *("--port", str(port), "--lifespan", "off"),
    ]
    children: list[Child] = []
    try:
        for name, arguments in (("worker", worker_arguments()), ("web", web)):
            command = [str(python), "-m", *arguments]
            children.append(Child(name, command, environment, folder, cwd=root))
        wait_for(f"http://127.0.0.1:{port}/health/", children[-1], timeout=_START_SECONDS)
        yield children
    finally:
        for child in reversed(children):
            child.stop()
