"""What people do in amoCRM is told: all of it, however much at once, and as it is now."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from saleor_1c_plugin.crm.adapter import Kind
from saleor_1c_plugin.crm.amocrm.settings import AmoCrmSettings
from saleor_1c_plugin.crm.amocrm.system import AmoCrm as System
from saleor_1c_plugin.crm.models import Look
from saleor_1c_plugin.crm.returning import Responsible
from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.event import Kind as EventKind
from saleor_1c_plugin.sandbox.models import Order
from tests.crm.conftest import look, settle
from tests.crm.standins.amocrm import STAGES, AmoCrm
from tests.receipts import sales

from .conftest import mirrored

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def saved(settings: Any) -> dict[str, object]:
    found: dict[str, object] = settings.ONEC_CONFIGURATION["amocrm"]
    return found


def walk(settings: Any, cursor: str) -> tuple[set[tuple[Kind, str]], str]:
    """All that was touched, and the cursor at the end."""
    touched = set()
    for _ in range(100):
        changes = System().changed(saved(settings), cursor)
        records = [(one.kind, one.id) for one in changes.touched]
        assert len(records) == len(set(records))
        assert len(changes.cursor) <= 1000
        touched |= set(records)
        cursor = changes.cursor
        if not changes.is_more:
            return touched, cursor
    raise AssertionError("It never ends")


def test_from_now_on(account: AmoCrm, settings: Any) -> None:
    account.keep("leads", name="Старая")
    account.later(timedelta(seconds=5))
    first = System().changed(saved(settings), "")
    assert (first.touched, first.is_more) == ((), False)
    account.later(timedelta(seconds=5))
    deal, contact = account.keep("leads", name="Сделка"), account.keep("contacts", name="Анна")
    touched, cursor = walk(settings, first.cursor)
    assert {(Kind.DEAL, f"{deal}"), (Kind.CONTACT, f"{contact}")} <= touched
    account.later(timedelta(seconds=5))
    # Somebody writes a note: of the deal itself nothing is another one.
    account.say(deal, "Перезвонить")
    touched, cursor = walk(settings, cursor)
    assert (Kind.DEAL, f"{deal}") in touched
    versions = {one.version for one in System().changed(saved(settings), cursor).touched}
    again = {one.version for one in System().changed(saved(settings), cursor).touched}
    assert versions == again


def test_an_empty_account(account: AmoCrm, settings: Any) -> None:
    first = System().changed(saved(settings), "")
    touched, cursor = walk(settings, first.cursor)
    assert not touched
    deal = account.keep("leads", name="Сделка")
    assert walk(settings, cursor)[0] == {(Kind.DEAL, f"{deal}")}


@pytest.mark.parametrize("count", [49, 50, 51, 170])
def test_many_of_one_second(account: AmoCrm, settings: Any, count: int) -> None:
    cursor = System().changed(saved(settings), "").cursor
    deals = {account.keep("leads", name=f"{number}") for number in range(count)}
    for deal in deals:
        account.rows["leads"][deal]["updated_at"] = 1_900_000_000
    touched, cursor = walk(settings, cursor)
    assert {int(record) for kind, record in touched if kind == Kind.DEAL} == deals
    # To tell them once more does no harm; to tell nothing else would.
    contact = account.keep("contacts", name="Анна")
    assert (Kind.CONTACT, f"{contact}") in walk(settings, cursor)[0]


def test_what_changes_while_it_is_looked(account: AmoCrm, settings: Any) -> None:
    """Records come up to the top, and others are deleted: nobody is passed over."""
    cursor = System().changed(saved(settings), "").cursor
    deals = [account.keep("leads", name=f"{number}") for number in range(200)]
    for place, deal in enumerate(deals):
        account.rows["leads"][deal]["updated_at"] = 1_900_000_000 + place
    touched: set[str] = set()
    later = 1_900_001_000
    for turn in range(30):
        changes = System().changed(saved(settings), cursor)
        touched |= {one.id for one in changes.touched if one.kind == Kind.DEAL}
        cursor = changes.cursor
        if not changes.is_more:
            break
        # From the page that was just read: what follows moves up.
        if turn < 4:
            for deal in deals[-40 * turn - 20 :][:10]:
                account.remove("leads", deal)
            account.rows["leads"][deals[turn]]["updated_at"] = later + turn
    alive = {f"{deal}" for deal in account.there("leads")}
    assert alive <= touched | {record for _kind, record in walk(settings, cursor)[0]}


def test_a_deal_as_it_is(account: AmoCrm, settings: Any) -> None:
    mirrored(settings, account, back_actions="Первичный контакт = confirm")
    sales.order()
    settle()
    (deal,) = account.rows["leads"]
    (there,) = System().deals_there(saved(settings), [f"{deal}"], LONG_AGO)
    # As the settings spell it, so that it is known again.
    assert there.stage == "Переговоры"
    assert there.responsible == Responsible("7", "Иван Петров")
    ours = {comment.id: comment.text for comment in there.comments}
    assert len(ours) == 2
    assert all(text.split()[-1].startswith("#") for text in ours.values())
    account.change("leads", deal, status_id=142, responsible_user_id=8, tags=["срочно", "опт"])
    note = account.say(deal, "Просили <завтра>", 8)
    (there,) = System().deals_there(saved(settings), [f"{deal}", "999999"], LONG_AGO)
    assert (there.stage, there.stage_name) == ("142", "Успешно реализовано")
    assert there.responsible == Responsible("8", "Мария Сидорова")
    assert there.tags == ("срочно", "опт")
    (said,) = [comment for comment in there.comments if comment.id not in ours]
    assert (said.id, said.text, said.author) == (f"{note}", "Просили <завтра>", "Мария Сидорова")
    account.change("leads", deal, status_id=STAGES["Неразобранное"])
    (there,) = System().deals_there(saved(settings), [f"{deal}"], datetime.now(UTC))
    assert there.stage == "Неразобранное"
    account.remove("leads", deal)
    assert System().deals_there(saved(settings), [f"{deal}"], LONG_AGO) == []


def test_a_contact_as_it_is(account: AmoCrm, settings: Any) -> None:
    contacts = [
        account.keep("contacts", first_name="Анна", last_name="Ли", phone=["8 999"]),
        account.keep("contacts", name="Аня", email=["a@shop.example"]),
    ]
    account.change("contacts", contacts[0], tags=["вип"])
    found = System().contacts_there(saved(settings), [str(one) for one in contacts])
    assert [(one.first_name, one.last_name, one.phones, one.tags) for one in found] == [
        ("Анна", "Ли", ("8 999",), ("вип",)),
        ("Аня", "", (), ()),
    ]


def private(order: Order) -> dict[str, str]:
    order.refresh_from_db()
    head = "onec.crm.amocrm."
    return {key.removeprefix(head): value for key, value in order.private_metadata.items()}


def told() -> list[tuple[str, str]]:
    found = journal.after(0, 1000, [EventKind.CRM_CHANGED])
    return [(event.data["what"], event.data["value"]) for _number, event in found]


@pytest.fixture
def returning(account: AmoCrm, settings: Any) -> AmoCrm:
    mirrored(settings, account, back_minutes="5", back_actions="143 = cancel", contacts_back="true")
    look("amocrm")
    return account


def test_what_we_do_ourselves_does_not_come_back(returning: AmoCrm) -> None:
    order = sales.order()
    look("amocrm")
    sales.pay(order, "200.00")
    look("amocrm")
    sales.ship(order)
    look("amocrm")
    look("amocrm")
    assert told() == []
    assert private(order)["stage"] == "142"


def test_what_people_do_comes_back_once(returning: AmoCrm) -> None:
    order = sales.order()
    look("amocrm")
    (deal,) = returning.rows["leads"]
    returning.later(timedelta(seconds=2))
    returning.change("leads", deal, status_id=STAGES["Первичный контакт"], responsible_user_id=8)
    look("amocrm")
    assert private(order)["stage"] == "Первичный контакт"
    assert private(order)["responsible"] == "Мария Сидорова"
    # The deal is the newest, and was told already: its note comes all the same.
    note = returning.say(deal, "Перезвонить завтра")
    look("amocrm")
    look("amocrm")
    assert [value for what, value in told() if what == "comment"] == [f"{note}"]
    before = told()
    look("amocrm")
    assert told() == before


def test_a_stage_cancels_an_order(returning: AmoCrm) -> None:
    order = sales.order()
    look("amocrm")
    (deal,) = returning.rows["leads"]
    returning.later(timedelta(seconds=2))
    returning.change("leads", deal, status_id=143)
    look("amocrm")
    order.refresh_from_db()
    assert order.status == "cancelled"


def test_its_call_has_it_looked_at(returning: AmoCrm, settings: Any, client: Client) -> None:
    order = sales.order()
    look("amocrm")
    (deal,) = returning.rows["leads"]
    returning.later(timedelta(seconds=2))
    returning.change("leads", deal, status_id=STAGES["Первичный контакт"])
    Look.objects.update(asked=None)
    read = AmoCrmSettings.from_configuration(saved(settings), complete=False)
    form = {"leads[status][0][id]": f"{deal}"}
    for forged in ("", "/forged", f"/{read.webhook_secret}x"):
        assert client.post(f"/crm/amocrm/changed{forged}", form).status_code == 403
    settle()
    assert private(order)["stage"] == "Переговоры"
    answer = client.post(f"/crm/amocrm/changed/{read.webhook_secret}", form)
    assert answer.status_code == 204
    settle()
    assert private(order)["stage"] == "Первичный контакт"
