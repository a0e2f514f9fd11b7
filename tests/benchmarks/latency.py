"""How soon 1C is answered while a big import runs: a web server and a worker as a shop has them."""

import os
import sys
import tempfile
import time
from pathlib import Path

from saleor_1c_plugin.onec.client import Client
from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.runner import wait_for
from saleor_1c_plugin.sandbox.valkey import Valkey, free_port


def slowest_answer(package: Path, login: str, password: str) -> tuple[float, int]:
    """Seconds of the slowest answer to ``import``, and how many answers said ``progress``."""
    folder = Path(tempfile.mkdtemp(prefix="onec-bench-web-"))
    broker = Valkey(folder)
    broker.wait()
    port = free_port()
    environment = {
        "CELERY_BROKER_URL": broker.url,
        "CACHE_URL": broker.url,
        "ONEC_SPOOL_DIR": str(folder / "spool"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}/",
    }
    children = [
        Child(name, [sys.executable, "-m", *arguments], environment, folder, cwd=Path.cwd())
        for name, arguments in (
            (
                "worker",
                [
                    *("celery", "--app", "saleor.celeryconf:app", "worker", "--loglevel", "ERROR"),
                    *("--concurrency", "1", "--without-gossip", "--without-mingle"),
                ],
            ),
            (
                "web",
                [
                    *("uvicorn", "saleor.asgi:application", "--host", "127.0.0.1"),
                    *("--port", str(port), "--lifespan", "off", "--log-level", "error"),
                ],
            ),
        )
    ]
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}/health/", children[1], timeout=120)
        return _ask(Client(f"{base}/plugins/saleor1c.exchange/", login, password), package)
    finally:
        for child in children:
            child.stop()
        broker.stop()


def _ask(client: Client, package: Path) -> tuple[float, int]:
    client.checkauth()
    limit = client.init().file_limit
    with package.open("rb") as source:
        client.send_file(package.name, source, limit)
    slowest, progress = 0.0, 0
    while True:
        started = time.perf_counter()
        answer = client.ask_import(package.name)
        slowest = max(slowest, time.perf_counter() - started)
        if answer.status != "progress":
            assert answer.status == "success", answer.lines
            return slowest, progress
        progress += 1
        if os.environ.get("ONEC_BENCH_VERBOSE"):
            print(answer.message, file=sys.stderr)
