from collections.abc import Iterator
from typing import Any

import pytest

from saleor_1c_plugin.crm.amocrm import directory
from saleor_1c_plugin.history import journal
from tests.crm.conftest import configure
from tests.crm.standins.amocrm import AmoCrm
from tests.receipts.terms import EMULATOR, RECEIPTS

#: Nobody waits for the documented pace in these tests, unless it is about that.
FAST = 100


def mirrored(settings: Any, account: AmoCrm, **values: object) -> None:
    directory.forget(account.address)
    given = {"stages": "open = Переговоры\npaid = Переговоры\nshipped = 142\ncancelled = 143"}
    configure(
        settings,
        history={},
        crm={"language": "en"},
        amocrm={**account.saved, **given, **values},
        receipts=RECEIPTS,
        emulator=EMULATOR,
    )
    journal.read_on()


@pytest.fixture
def account(transactional_db: None, settings: Any) -> Iterator[AmoCrm]:
    """A shop whose customers are mirrored into an account."""
    settings.LANGUAGE_CODE = "en"
    with AmoCrm(per_second=FAST) as made:
        mirrored(settings, made)
        yield made
