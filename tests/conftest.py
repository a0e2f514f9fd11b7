"""The services that tests need, each started once, and only when a test asks for it."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.postgres import Postgres
from saleor_1c_plugin.sandbox.valkey import Valkey

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

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


#: Django has written them for all of its models when it made the database.
_KEPT = ("auth_permission", "django_content_type")
_EMPTY = """DO $$ DECLARE name text; BEGIN
FOREACH name IN ARRAY ARRAY[{}] LOOP EXECUTE 'DELETE FROM ' || name; END LOOP; END $$"""


@pytest.fixture(scope="session", autouse=True)
def emptied_fast() -> None:
    """Delete what a test has committed: a few rows, where truncating writes each table anew.

    Django truncates every table after every test that commits, which takes most of a second, and
    then asks of every model whether its permissions are there, which takes as long again. Keys to
    other tables are checked at the commit, so that the order does not matter.
    """
    from django.core.management.commands import flush
    from django.db.backends.postgresql.operations import DatabaseOperations

    def sql_flush(
        self: DatabaseOperations,
        style: object,
        tables: Collection[str],
        *,
        reset_sequences: bool = False,
        allow_cascade: bool = False,
    ) -> list[str]:
        assert not reset_sequences
        names = ", ".join(f"'{self.quote_name(name)}'" for name in tables if name not in _KEPT)
        return [_EMPTY.format(names)]

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign, assignment]
    flush.emit_post_migrate_signal = lambda *_, **__: None  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """A broker."""
    folder = Path(tempfile.mkdtemp(prefix="onec-valkey-"))
    server = Valkey(folder)
    server.wait()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def start_celery(
    transactional_db: None, valkey: Valkey, settings: Any, tmp_path: Path
) -> Iterator[Callable[..., Child]]:
    """Starts Celery's programs on the tests' database; they end with the test."""
    started: list[Child] = []

    def start(*arguments: str, **environment: str) -> Child:
        child = Child(
            f"{arguments[0]}-{len(started)}",
            [
                *(sys.executable, "-m", "celery", "-A", "saleor_1c_plugin.sandbox.celery:app"),
                *arguments,
            ],
            {
                "DJANGO_SETTINGS_MODULE": "saleor_1c_plugin.sandbox.settings",
                "ONEC_REDIS_URL": valkey.url,
                "ONEC_MEDIA_ROOT": settings.MEDIA_ROOT,
                "ONEC_SECRET_KEY": settings.SECRET_KEY,
                **environment,
            },
            tmp_path,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.stop(5)


@pytest.fixture
def start_worker(start_celery: Callable[..., Child]) -> Callable[..., Child]:
    """Starts real Celery workers, with variables of their environment."""
    worker = ("worker", "--concurrency", "1", "--without-gossip", "--without-mingle")
    return partial(start_celery, *worker)


@pytest.fixture(scope="session")
def browser() -> Iterator["Chrome"]:
    """A headless Chromium with a profile of its own."""
    # Debian's names; the driver never looks for one to download.
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("Chromium and its driver are not installed (Debian: chromium chromium-driver)")
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    profile = tempfile.mkdtemp(prefix="onec-chromium-")
    options = ChromeOptions()
    options.binary_location = chromium
    for flag in (
        *("headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run"),
        *("disable-background-networking", "disable-component-update", "disable-sync"),
        *("disable-dev-shm-usage", "window-size=1280,1000", f"user-data-dir={profile}"),
    ):
        options.add_argument(f"--{flag}")
    started = Chrome(options, ChromeService(driver))
    yield started
    started.quit()
    shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Settings of another test."""
    from saleor_1c_plugin.remembered import Remembered

    Remembered.forget_all()


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.setenv("ONEC_SPOOL_DIR", str(tmp_path / "spool"))


#: Runs inside Saleor's own environment: ``python -m tests.saleor``.
collect_ignore = ["saleor"]
