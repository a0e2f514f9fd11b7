import base64
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from .shop import ROOT, Shop

LOGIN, PASSWORD = "обмен", "пароль-секрет"


class OneC:
    """The requests of 1C's, one session at a time."""

    kind = "catalog"

    def __init__(self) -> None:
        self.http = Client(raise_request_exception=False)

    def ask(self, mode: str, **more: Any) -> str:
        response = self.http.get("/1c/", {"type": self.kind, "mode": mode, **more})
        return self.text(response)

    @staticmethod
    def text(response: HttpResponse) -> str:
        assert response.status_code == 200
        assert response["Content-Type"].startswith("text/plain")
        return response.content.decode(response.charset)

    def log_in(self, password: str = PASSWORD, login: str = LOGIN, encoding: str = "utf-8") -> str:
        token = base64.b64encode(f"{login}:{password}".encode(encoding)).decode()
        response = self.http.get(
            f"/1c/?type={self.kind}&mode=checkauth", headers={"Authorization": f"Basic {token}"}
        )
        return self.text(response)

    def send(self, name: str, body: bytes, **headers: str) -> str:
        from urllib.parse import quote

        response = self.http.post(
            f"/1c/?type={self.kind}&mode=file&filename={quote(name)}",
            data=body,
            content_type="application/octet-stream",
            **headers,
        )
        return self.text(response)

    def load(self, name: str) -> str:
        """Import until it is over."""
        for _ in range(50):
            answer = self.ask("import", filename=name)
            if not answer.startswith("progress"):
                return answer
        raise AssertionError(answer)


@pytest.fixture(autouse=True)
def _configured(settings: Any, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("ONEC_SPOOL_DIR", str(tmp_path / "spool"))
    settings.ONEC_CONFIGURATION = {
        **settings.ONEC_CONFIGURATION,
        "exchange": {"login": LOGIN, "password": PASSWORD},
        "catalog": {"price_types": "* = default-channel", "default_warehouse": "main"},
    }


@pytest.fixture
def onec() -> OneC:
    client = OneC()
    assert client.log_in().startswith("success")
    return client


@pytest.fixture(scope="session")
def running_shop() -> Iterator[Shop]:
    """A mini-shop in processes of its own, quick to notice that one of them died."""
    folder = Path(tempfile.mkdtemp(prefix="onec-shop-"))
    configuration = folder / "configuration.json"
    configuration.write_text(
        json.dumps({"catalog": {"missing_products": "hide", "missing_offers": "delete"}})
    )
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.exchange.worker_settings",
        "PYTHONPATH": str(ROOT),
        "ONEC_CONFIGURATION_FILE": str(configuration),
        "ONEC_LEASE_SECONDS": "1",
        "ONEC_QUEUE_SECONDS": "1",
        "ONEC_MAX_ARCHIVE_ENTRIES": "300",
    }
    with Shop(folder, durable=False, environment=environment) as running:
        yield running
    shutil.rmtree(folder)


@pytest.fixture
def shop(running_shop: Shop) -> Shop:
    """That shop, empty."""
    running_shop.clear()
    for folder in ("media", "spool"):
        shutil.rmtree(running_shop.folder / folder, ignore_errors=True)
    return running_shop
