from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.event import Event
from saleor_1c_plugin.remembered import Remembered
from tests.receipts.terms import EMULATOR, RECEIPTS


@pytest.fixture
def kept(transactional_db: None, settings: Any) -> Any:
    """A shop that keeps the journal, with receipts; what is committed is carried out at once."""
    configure(settings, history={}, receipts=RECEIPTS, emulator=EMULATOR)
    return settings


def configure(settings: Any, **plugins: Mapping[str, object] | None) -> None:
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, **plugins}
    Remembered.forget_all()


class Listener:
    """A reader of the journal that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, Event]] = []
        #: How many times it is to fail first.
        self.fails = 0

    def take(self, events: Sequence[tuple[int, Event]]) -> None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("not now")
        self.heard += events

    @property
    def kinds(self) -> list[str]:
        return [event.kind.value for _number, event in self.heard]


@pytest.fixture
def listener(kept: Any) -> Iterator[Listener]:
    heard = Listener()
    journal.read_by("tests", heard.take)
    journal.read_on()
    yield heard
    del journal._readers["tests"]
