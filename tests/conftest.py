"""The services that tests need, each started once, and only when a test asks for it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from saleor_1c_plugin.sandbox.postgres import Postgres

#: The database that tests and the processes that they start share.
DATABASE = "test_onec"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="onec-tests-"))
    server = Postgres(folder, durable=False)
    server.start()
    os.environ.update(server.environment(DATABASE))
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres: Postgres) -> None:
    """Point Django, which has read its settings before any fixture, at that server."""
    from django.db import connections

    target = connections.settings["default"]
    target.update(HOST=os.environ["ONEC_PGHOST"], PORT=os.environ["ONEC_PGPORT"], USER="postgres")
    target["TEST"]["NAME"] = DATABASE


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.setenv("ONEC_SPOOL_DIR", str(tmp_path / "spool"))
