"""A Saleor as a shop has it: a web server and a worker in processes of their own, and a broker."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from saleor_1c_plugin.sandbox.saleor_processes import saleor_processes
from saleor_1c_plugin.sandbox.valkey import Valkey, free_port

#: More than the machine has processors: requests are to meet in the middle of their work.
_WEB_PROCESSES = 4


@contextmanager
def running_saleor(folder: Path) -> Iterator[str]:
    """Run Saleor on this process's database and settings; yields its address.

    `folder` takes logs, spool and pictures.
    """
    broker = Valkey(folder)
    port = free_port()
    environment = {
        "CELERY_BROKER_URL": broker.url,
        "CACHE_URL": broker.url,
        "ONEC_SPOOL_DIR": str(folder / "spool"),
        "ONEC_MEDIA_ROOT": str(folder / "media"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}/",
    }
    try:
        broker.wait()
        web = ["tests.saleor.web", str(port), str(_WEB_PROCESSES)]
        with saleor_processes(Path(sys.executable), Path.cwd(), folder, environment, port, web):
            yield f"http://127.0.0.1:{port}"
    finally:
        broker.stop()
