from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.db.models.functions import Now

from saleor_1c_plugin.crm import adapter, back
from saleor_1c_plugin.crm.models import Link, Look
from saleor_1c_plugin.history import journal
from saleor_1c_plugin.outbox.models import Circuit, Message, Pace
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.remembered import Remembered
from saleor_1c_plugin.sandbox.standins.bitrix24 import Bitrix24
from tests.receipts.terms import EMULATOR, RECEIPTS

#: Nobody waits for the documented pace in these tests, unless it is about that.
FAST = 50


def configure(settings: Any, **plugins: Mapping[str, object] | None) -> None:
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, **plugins}
    Remembered.forget_all()


def settle(rounds: int = 60) -> None:
    """Whatever can leave has left, and whatever waits for its time has not waited."""
    for _ in range(rounds):
        deliver_pending()
        waiting = Message.objects.filter(state=Message.State.PENDING)
        if not waiting.exists():
            return
        waiting.filter(due__gt=Now(), token="").update(due=Now())
        Circuit.objects.all().delete()
        Pace.objects.all().delete()
    raise AssertionError(list(waiting.values_list("object", "key", "reason", "attempts")))


def look(system: str = "bitrix24") -> None:
    """Whatever people have done in a CRM has come back."""
    settle()
    found = adapter.system(system)
    assert found is not None
    Look.objects.filter(system=system).update(asked=None)
    back.wake(found)
    settle()
    journal.read_on()
    settle()


def links(of: str) -> list[str]:
    """Ids there of what is linked."""
    return sorted(Link.objects.filter(of=of).values_list("theirs", flat=True))


@pytest.fixture
def portal(transactional_db: None, settings: Any) -> Iterator[Bitrix24]:
    """A shop whose customers are mirrored into a portal."""
    with Bitrix24(per_second=FAST, burst=FAST * 25) as made:
        mirrored(settings, made)
        yield made


def mirrored(settings: Any, portal: Bitrix24, **values: object) -> None:
    given = {"webhook": portal.webhook, "per_second": f"{FAST}", **values}
    configure(
        settings,
        history={},
        crm={"language": "en"},
        bitrix24=given,
        receipts=RECEIPTS,
        emulator=EMULATOR,
    )
    journal.read_on()
