"""The suite's database is a copy of a migrated one, made by the runner: see ``__main__``."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .shop import make_shop

if TYPE_CHECKING:
    from .live import LiveShop


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Use the database that is there: the runner made it for this run alone."""


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Settings of another test."""
    from saleor_1c_plugin.remembered import Remembered

    Remembered.forget_all()


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.setenv("ONEC_SPOOL_DIR", str(tmp_path / "spool"))


@pytest.fixture
def shop(db: None) -> None:
    """A channel in roubles with a warehouse, and both plugins switched on."""
    make_shop()


@pytest.fixture(scope="session")
def live(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["LiveShop"]:
    """A shop that runs; all tests of it share its database, so each has goods of its own."""
    from .live import live_shop

    with django_db_blocker.unblock(), live_shop(tmp_path_factory.mktemp("live")) as shop:
        yield shop


@pytest.fixture
def reserving(live: "LiveShop") -> Iterator[None]:
    """What a test of a running shop sets of reservation, other tests know nothing of."""
    from saleor.site.models import SiteSettings

    from .shop import configure

    before = SiteSettings.objects.get()
    yield
    configure("reservations", channel="main", active=False)
    before.save()
