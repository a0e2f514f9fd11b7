"""A Saleor as a shop has it: a web server and a worker in processes of their own, and a broker."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.saleor_processes import saleor_processes, worker_arguments
from saleor_1c_plugin.sandbox.valkey import Valkey, free_port

#: More than the machine has processors: requests are to meet in the middle of their work.
_WEB_PROCESSES = 4


@dataclass
class RunningSaleor:
    """A Saleor's address, its broker's, and its workers."""

    base: str
    broker: str
    workers: list[Child]
    #: Starts another worker, which ends with the rest.
    hire: Callable[[], Child]


@contextmanager
def running_saleor(folder: Path, more: Mapping[str, str] | None = None) -> Iterator[RunningSaleor]:
    """Run Saleor on this process's database and settings.

    `folder` takes logs, spool and pictures; `more` are further variables of its environment.
    """
    broker = Valkey(folder)
    hired: list[Child] = []
    port = free_port()
    environment = {
        "CELERY_BROKER_URL": broker.url,
        "CACHE_URL": broker.url,
        "ONEC_SPOOL_DIR": str(folder / "spool"),
        "ONEC_MEDIA_ROOT": str(folder / "media"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}/",
        **(more or {}),
    }
    try:
        broker.wait()
        web = ["tests.saleor.web", str(port), str(_WEB_PROCESSES)]
        python = Path(sys.executable)
        with saleor_processes(python, Path.cwd(), folder, environment, port, web) as children:

            def hire() -> Child:
                name = f"worker-{len(hired) + 1}"
                command = [str(python), "-m", *worker_arguments()]
                hired.append(Child(name, command, environment, folder, cwd=Path.cwd()))
                return hired[-1]

            yield RunningSaleor(f"http://127.0.0.1:{port}", broker.url, children[:1], hire)
    finally:
        for child in hired:
            child.stop()
        broker.stop()
