from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from saleor_1c_plugin.payments import provider
from tests import serving

from .bank import Bank
from .ledger import Ledger
from .registries import Books
from .standins.yookassa import YooKassa
from .support import Till


@pytest.fixture
def english() -> Iterator[None]:
    """What a test is told is as the source has it."""
    with translation.override("en"):
        yield


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    """The only provider there is."""
    made = Bank()
    monkeypatch.setattr(provider, "_providers", {"bank": made})
    return made


@pytest.fixture
def till(transactional_db: None, settings: Any, bank: Bank) -> Till:
    """A shop that takes money by the bank; what is committed is carried out at once."""
    settings.ONEC_PAYMENT_STORE = "tests.payments.ledger.Ledger"
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "bank": {}}
    Ledger.clear()
    return Till(bank)


@pytest.fixture
def served(transactional_db: None) -> Iterator[str]:
    """Where the mini-shop answers over HTTP, to notifications among others."""
    with serving.served() as url:
        yield url


@pytest.fixture
def yookassa(monkeypatch: pytest.MonkeyPatch) -> Iterator[YooKassa]:
    with YooKassa() as server:
        monkeypatch.setenv("ONEC_YOOKASSA_API", server.url)
        yield server


@pytest.fixture
def books(transactional_db: None, settings: Any, yookassa: YooKassa) -> Books:
    """A shop whose books have to agree with YooKassa's."""
    return Books(settings, yookassa)
