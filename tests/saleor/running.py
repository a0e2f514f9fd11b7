"""A Saleor as a shop has it: a web server and a worker in processes of their own, and a broker."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.runner import wait_for
from saleor_1c_plugin.sandbox.valkey import Valkey, free_port


@contextmanager
def running_saleor(folder: Path) -> Iterator[str]:
    """Run Saleor on this process's database and settings; yields its address.

    `folder` takes logs, spool and pictures.
    """
    broker = Valkey(folder)
    children: list[Child] = []
    port = free_port()
    environment = {
        "CELERY_BROKER_URL": broker.url,
        "CACHE_URL": broker.url,
        "ONEC_SPOOL_DIR": str(folder / "spool"),
        "ONEC_MEDIA_ROOT": str(folder / "media"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}/",
    }
    worker = [
        *("celery", "--app", "saleor.celeryconf:app", "worker", "--loglevel", "ERROR"),
        *("--concurrency", "1", "--without-gossip", "--without-mingle"),
    ]
    web = [
        *("uvicorn", "saleor.asgi:application", "--host", "127.0.0.1"),
        *("--port", str(port), "--lifespan", "off", "--log-level", "error"),
    ]
    try:
        broker.wait()
        for name, arguments in (("worker", worker), ("web", web)):
            command = [sys.executable, "-m", *arguments]
            children.append(Child(name, command, environment, folder, cwd=Path.cwd()))
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}/health/", children[-1], timeout=120)
        yield base
    finally:
        for child in children:
            child.stop()
        broker.stop()
