"""Whoever is in charge is told in the corporate portal, once."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.history import journal
from saleor_1c_plugin.messaging.models import Delivery
from saleor_1c_plugin.messaging.portal.connecting import connect
from saleor_1c_plugin.messaging.portal.settings import PortalSettings
from saleor_1c_plugin.outbox.models import Pace
from saleor_1c_plugin.sandbox.models import Order
from saleor_1c_plugin.sandbox.standins.bitrix24 import Bitrix24
from saleor_1c_plugin.sandbox.standins.faults import Fault
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request
from saleor_1c_plugin.store import current_orders
from tests.crm.conftest import FAST, configure, mirrored, settle
from tests.receipts import sales

IVAN, MARIA = 1, 7
MESSAGES = {"quiet": "no", "place": "https://shop.example", "language": "ru"}


@pytest.fixture
def portal(transactional_db: None, settings: Any) -> Iterator[Bitrix24]:
    """A shop that tells its people, and has its orders in the portal's CRM."""
    with Bitrix24(per_second=FAST, burst=FAST * 25) as made:
        mirrored(settings, made)
        tell(settings, "order.paid = portal")
        yield made


def tell(settings: Any, *rules: str, **values: object) -> None:
    messages = {**MESSAGES, "rules": "\n".join(rules), **values}
    configure(settings, messages=messages, portal={"manager": f"{IVAN}"})
    journal.read_on()


def paid() -> Order:
    """An order that has got into the CRM, and was paid then."""
    order = sales.order(2, "100.00")
    settle()
    return order


def number_of(order: Order) -> str:
    (found,) = current_orders().read_orders([str(order.key)])
    return found.number


def heard(portal: Bitrix24, user: int) -> list[str]:
    return list(portal.notified.get(user, {}).values())


def test_who_is_in_charge_of_the_deal_is_told(portal: Bitrix24) -> None:
    order = paid()
    ((record, deal),) = portal.rows["deal"].items()
    deal["ASSIGNED_BY_ID"] = f"{MARIA}"
    sales.pay(order, "200.00")
    settle()
    (text,) = heard(portal, MARIA)
    said, buyer, link = text.splitlines()
    assert said == f"Заказ № {number_of(order)} оплачен: 200 ₽"
    assert buyer == "Покупатель: Анна Ли, anna@shop.example"
    assert link.endswith(f"/crm/deal/details/{record}/]Открыть сделку[/url]")
    assert not heard(portal, IVAN)
    row = Delivery.objects.get()
    assert (row.state, row.address) == ("sent", f"order:{order.key}")
    # No event of the buyer's: he was not written to.
    assert "message.sent" not in [event.kind for _number, event in journal.after(0, 99)]


def test_where_the_deal_says_nothing_the_customer_does(portal: Bitrix24) -> None:
    order = paid()
    for deal in portal.rows["deal"].values():
        deal["ASSIGNED_BY_ID"] = "0"
    for contact in portal.rows["contact"].values():
        contact["ASSIGNED_BY_ID"] = f"{MARIA}"
    sales.pay(order, "200.00")
    settle()
    assert len(heard(portal, MARIA)) == 1


def test_where_nobody_is_in_charge_the_manager_is_told(portal: Bitrix24, settings: Any) -> None:
    order = paid()
    for deal in portal.rows["deal"].values():
        deal["ASSIGNED_BY_ID"] = "99"
    sales.pay(order, "200.00")
    settle()
    # Who was in charge does not work here any more.
    assert len(heard(portal, IVAN)) == 1
    configure(settings, crm=None, bitrix24=None)
    own = {"webhook": portal.webhook, "manager": f"{MARIA}"}
    configure(settings, portal=own)
    Pace.objects.all().delete()
    other = sales.order(2, "100.00")
    sales.pay(other, "200.00")
    settle()
    assert len(heard(portal, MARIA)) == 1


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.DROPPED, Fault.CUT, Fault.DOWN])
@pytest.mark.parametrize("channel", ["portal", "portal_task"])
def test_an_answer_that_is_lost_tells_nobody_twice(
    portal: Bitrix24,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    channel: str,
    fault: Fault,
) -> None:
    order = paid()
    tell(settings, f"order.paid = {channel}")
    method = "im.notify.system.add" if channel == "portal" else "tasks.task.add"
    left = [fault]
    serve = portal.serve

    def faulty(request: Request) -> tuple[Answer, Fault | None]:
        if request.path.endswith(f"/{method}.json") and left:
            portal.faults.script.appendleft(left.pop())
        return serve(request)

    monkeypatch.setattr(portal, "serve", faulty)
    sales.pay(order, "200.00")
    settle()
    assert not left
    assert len(heard(portal, IVAN)) + len(portal.tasks) == 1
    assert Delivery.objects.get().state == "sent"


def test_a_task_is_made_for_whoever_is_in_charge(portal: Bitrix24, settings: Any) -> None:
    order = paid()
    ((record, deal),) = portal.rows["deal"].items()
    ((contact, _row),) = portal.rows["contact"].items()
    deal["ASSIGNED_BY_ID"] = f"{MARIA}"
    tell(settings, "order.paid = portal_task")
    sales.pay(order, "200.00")
    settle()
    (task,) = portal.tasks.values()
    assert task["TITLE"] == f"Заказ № {number_of(order)} оплачен"
    assert task["RESPONSIBLE_ID"] == MARIA
    assert task["UF_CRM_TASK"] == [f"D_{record}", f"C_{contact}"]


def test_buyers_write_no_links_into_the_portal(portal: Bitrix24) -> None:
    order = paid()
    evil = "Анна [url=https://evil.example]сюда[/url]"
    Order.objects.filter(pk=order.pk).update(billing={"first_name": evil})
    order.refresh_from_db()
    sales.pay(order, "200.00")
    settle()
    (text,) = heard(portal, IVAN)
    assert "evil.example" in text
    assert "[url=https://evil" not in text


def test_a_webhook_without_the_right(portal: Bitrix24) -> None:
    order = paid()
    portal.scope.remove("im")
    sales.pay(order, "200.00")
    with pytest.raises(AssertionError, match="does not let us in"):
        settle(5)
    portal.scope.append("im")
    settle()
    assert len(heard(portal, IVAN)) == 1


def test_settings_are_tried_out(portal: Bitrix24) -> None:
    with translation.override("en"):
        assert connect({"manager": "7"}).endswith("Мария Кац is told.")
        with pytest.raises(SettingsError) as caught:
            connect({"manager": "3"})
        assert caught.value.faults.keys() == {"manager"}
        portal.scope.remove("im")
        with pytest.raises(SettingsError) as caught:
            connect({"manager": "7"})
        assert caught.value.faults.keys() == {"webhook"}
        assert "b24secret" not in str(caught.value)
        portal.is_closed = True
        with pytest.raises(SettingsError):
            connect({"manager": "7"})


def test_settings_that_can_not_be_used(portal: Bitrix24, settings: Any) -> None:
    def faults(**saved: object) -> set[str]:
        with pytest.raises(SettingsError) as caught:
            PortalSettings.from_configuration(saved)
        return set(caught.value.faults)

    assert faults(webhook="https://portal.example/") == {"webhook", "manager"}
    assert faults(manager="x") == {"manager"}
    configure(settings, bitrix24=None)
    assert faults(manager="1") == {"webhook"}
    # Of another portal nothing in the CRM is known.
    configure(settings, bitrix24={"webhook": portal.webhook})
    other = {"webhook": "https://other.bitrix24.ru/rest/1/abc/", "manager": "1"}
    assert not PortalSettings.from_configuration(other).has_crm
    assert PortalSettings.from_configuration({"manager": "1"}).has_crm
    assert "b24secret" not in repr(PortalSettings.from_configuration({"manager": "1"}))
