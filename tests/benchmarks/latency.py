"""How soon 1C is answered while a big import runs."""

import tempfile
import time
from pathlib import Path

from saleor_1c_plugin.onec.client import Client
from tests.saleor.running import running_saleor


def slowest_answer(package: Path, login: str, password: str) -> tuple[float, int]:
    """Seconds of the slowest answer to ``import``, and how many answers said ``progress``."""
    with running_saleor(Path(tempfile.mkdtemp(prefix="onec-bench-web-"))) as saleor:
        client = Client(f"{saleor.base}/plugins/saleor1c.exchange/", login, password)
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
