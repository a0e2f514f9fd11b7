"""Whether the day agrees: differences first, and sums that are right to the kopeck."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from selenium.webdriver import Chrome

from saleor_1c_plugin.orders.known import Knowledge
from saleor_1c_plugin.orders.models import Watermark
from saleor_1c_plugin.receipts.compose.document import Kind, Means, Vat
from saleor_1c_plugin.receipts.models import Receipt
from saleor_1c_plugin.receipts.reports import gathering
from saleor_1c_plugin.receipts.reports.chart import chart
from saleor_1c_plugin.receipts.reports.matching import Money, Outcome, Row, match
from saleor_1c_plugin.receipts.reports.totals import DayTotal
from saleor_1c_plugin.sandbox.models import Order, Payment
from tests import serving
from tests.exchange.conftest import LOGIN, PASSWORD
from tests.exchange.test_orders_out import Sale

from . import sales
from .samples import document, item, row, waiting
from .support import FIRST, House

ROOT = "/receipts/report/"
State = Receipt.State
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("english")


# What facts and receipts come to.


def money(number: int = 1, amount: str = "100.00", **more: Any) -> Money:
    plain: dict[str, Any] = {
        "fact": f"o:payment:{number}",
        "order_id": "o",
        "order_number": "7",
        "channel": "default-channel",
        "amount": Decimal(amount),
        "currency": "RUB",
        "at": NOW - timedelta(hours=number),
        "is_refund": False,
        "method": "Карта",
    }
    return Money(**{**plain, **more})


def made(number: int = 1, moved: str = "100.00", **more: Any) -> Receipt:
    plain: dict[str, Any] = {
        "fact": f"o:payment:{number}",
        "order_id": "o",
        "order_number": "7",
        "channel": "default-channel",
        "kind": Kind.SELL,
        "moved": Decimal(moved),
        "total": Decimal(moved),
        "happened": NOW,
        "deadline": NOW + timedelta(days=1),
        "state": State.DONE,
    }
    return Receipt(**{**plain, **more})


def outcome(*receipts: Receipt, known: Knowledge | None = None, **more: Any) -> Outcome:
    knowledge = None if known is None else {"o": known}
    (found,) = match([money(**more)], receipts, knowledge, NOW)
    return found.outcome


def test_a_fact_with_its_receipt_is_matched() -> None:
    assert outcome(made()) is Outcome.MATCHED
    assert outcome(made(), known=Knowledge.CONFIRMED) is Outcome.MATCHED


def test_a_fact_without_one_is_missing_or_needs_none() -> None:
    assert outcome(is_missing=True) is Outcome.WITHOUT
    assert outcome() is Outcome.EXEMPT


def test_what_waits_is_a_difference_when_its_term_is_over() -> None:
    assert outcome(made(state=State.QUEUED)) is Outcome.WAITING
    assert outcome(made(state=State.SENT)) is Outcome.WAITING
    assert outcome(made(state=State.SENT, deadline=NOW - timedelta(1))) is Outcome.OVERDUE
    # What was registered late is registered.
    assert outcome(made(deadline=NOW - timedelta(1))) is Outcome.MATCHED


def test_what_failed_what_was_dropped_and_what_was_printed_otherwise() -> None:
    assert outcome(made(state=State.FAILED)) is Outcome.FAILED
    assert outcome(made(state=State.DROPPED)) is Outcome.DROPPED
    assert outcome(made(reason="Касса напечатала 99.00")) is Outcome.PRINTED
    # A dropped receipt that the facts call for again is missing.
    assert outcome(made(state=State.DROPPED), is_missing=True) is Outcome.WITHOUT


def test_a_kopeck_is_a_difference() -> None:
    assert outcome(made(moved="99.99")) is Outcome.AMOUNT


def test_1c_that_does_not_know_the_order_is_one_as_well() -> None:
    assert outcome(made(), known=Knowledge.WAITING) is Outcome.NOT_IN_ONEC
    assert outcome(made(), known=Knowledge.ABSENT) is Outcome.NOT_IN_ONEC
    # What has no receipt is worse than what is not in 1C.
    assert outcome(known=Knowledge.WAITING, is_missing=True) is Outcome.WITHOUT


def test_corrections_count_for_the_fact_that_they_correct() -> None:
    wrong = made()
    back = made(fact="o:payment:1:undone:1", kind=Kind.SELL_REFUND_CORRECTION, corrects=wrong)
    right = made(fact="o:payment:1:corrected:1", kind=Kind.SELL_CORRECTION, corrects=wrong)
    assert outcome(wrong, back, right) is Outcome.MATCHED
    # Taken back, and nothing in its place.
    (found,) = match([money()], [wrong, back], None, NOW)
    assert (found.outcome, found.receipted) == (Outcome.AMOUNT, 0)
    # A correction of a correction is one of the same fact.
    again = made(
        fact="o:payment:1:corrected:1:undone:1", kind=Kind.SELL_REFUND_CORRECTION, corrects=right
    )
    last = made(
        fact="o:payment:1:corrected:1:corrected:1", kind=Kind.SELL_CORRECTION, corrects=right
    )
    assert outcome(wrong, back, right, again, last) is Outcome.MATCHED
    assert outcome(wrong, back, right, again) is Outcome.AMOUNT


def test_a_receipt_that_nobody_has_paid_for() -> None:
    (found,) = match([], [made(moved="5.00")], None, NOW)
    assert (found.outcome, found.paid, found.receipted) == (Outcome.UNPAID, None, Decimal(5))
    assert match([], [made(state=State.DROPPED)], None, NOW) == []
    # Taken back again: nothing is left to be paid.
    wrong = made()
    back = made(fact="x", kind=Kind.SELL_REFUND_CORRECTION, corrects=wrong)
    assert match([], [wrong, back], None, NOW) == []


def test_what_moves_no_money_is_left_out() -> None:
    assert match([], [made(fact="o:shipment:1", moved="0")], None, NOW) == []


def test_refunds_are_facts_of_their_own() -> None:
    back = money(2, fact="o:refund:2", is_refund=True)
    receipt = made(fact="o:refund:2", kind=Kind.SELL_REFUND)
    (found,) = match([back], [receipt], None, NOW)
    assert (found.outcome, found.receipted) == (Outcome.MATCHED, Decimal(100))


def test_differences_come_first_and_the_newest_of_each() -> None:
    facts = [money(number, is_missing=number == 3) for number in range(1, 6)]
    receipts = [made(1), made(2, moved="1"), made(4), made(5, state=State.FAILED)]
    found = match(facts, receipts, None, NOW)
    assert [(one.outcome, one.fact[-1]) for one in found] == [
        (Outcome.WITHOUT, "3"),
        (Outcome.AMOUNT, "2"),
        (Outcome.FAILED, "5"),
        (Outcome.MATCHED, "1"),
        (Outcome.MATCHED, "4"),
    ]


# What a shop and its registers have.


def today() -> date:
    return timezone.localdate()


def rows() -> list[Row]:
    now = timezone.now()
    return gathering.rows(now - timedelta(days=1), now + timedelta(hours=1))


def outcomes() -> list[tuple[Outcome, bool, Decimal | None]]:
    return [(one.outcome, one.is_refund, one.paid) for one in rows()]


@pytest.fixture
def untold(settings: Any, house: House) -> House:
    """A shop whose orders don't go to 1C."""
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "orders": None}
    return house


def test_a_day_that_agrees(untold: House) -> None:
    order = sales.order()
    sales.pay(order, "200.00")
    sales.give_back(order, "30.00")
    untold.tell()
    assert sorted(outcomes()) == [
        (Outcome.MATCHED, False, Decimal(200)),
        (Outcome.MATCHED, True, Decimal(30)),
    ]


def test_money_that_nobody_told_of_has_no_receipt(untold: House) -> None:
    sales.pay_unheard(sales.order(), "200.00")
    assert outcomes() == [(Outcome.WITHOUT, False, Decimal(200))]


def test_money_that_needs_no_receipt_is_no_difference(untold: House) -> None:
    sales.pay(sales.order(), "200.00", gateway="saleor1c.invoice")
    sales.pay(sales.order(), "200.00", from_onec=True)
    assert {one for one, *_ in outcomes()} == {Outcome.EXEMPT}


def test_a_payment_that_the_shop_has_changed_or_lost(untold: House) -> None:
    first, second = sales.order(), sales.order()
    payment = sales.pay(first, "200.00")
    sales.pay(second, "200.00")
    Payment.objects.filter(pk=payment.pk).update(amount=Decimal("199.99"))
    Payment.objects.filter(order=second).delete()
    assert {one for one, *_ in outcomes()} == {Outcome.AMOUNT, Outcome.UNPAID}


def test_registers_that_are_away_leave_it_waiting(untold: House) -> None:
    untold.break_down(is_away=True)
    untold.break_down("emulator:2", is_away=True)
    sales.pay(sales.order(), "200.00")
    assert outcomes() == [(Outcome.WAITING, False, Decimal(200))]
    Receipt.objects.update(deadline=timezone.now() - timedelta(1))
    assert outcomes() == [(Outcome.OVERDUE, False, Decimal(200))]


def test_a_fact_is_in_the_period_of_its_payment(untold: House) -> None:
    at = timezone.now() - timedelta(days=3)
    sales.pay(sales.order(), "200.00", at=at)
    assert rows() == []
    found = gathering.rows(at - timedelta(hours=1), at + timedelta(hours=1))
    assert [one.outcome for one in found] == [Outcome.MATCHED]


def test_1c_that_takes_the_order_makes_it_agree(house: House, settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {
        **settings.ONEC_CONFIGURATION,
        "exchange": {"login": LOGIN, "password": PASSWORD},
    }
    Watermark.objects.all().delete()
    order = sales.order()
    # The buyer has made it here, not 1C.
    Order.objects.update(onec_reference="")
    sales.pay(order, "200.00")
    house.tell()
    assert [one for one, *_ in outcomes()] == [Outcome.NOT_IN_ONEC]
    client = Sale()
    client.log_in()
    (taken,) = client.query()
    assert client.ask("success").startswith("success")
    assert [one for one, *_ in outcomes()] == [Outcome.MATCHED]
    # With what the register has made of it.
    receipt = Receipt.objects.get()
    assert taken.requisite("Номер ФД") == str(receipt.fiscal_document)
    assert taken.requisite("ФПД") == receipt.sign
    assert taken.requisite("Ссылка на чек")


# The page and its files.


class Person:
    def __init__(self) -> None:
        self.http = Client(headers={"Accept-Language": "en"})

    def look(self, **query: object) -> str:
        response = self.http.get(ROOT, query)
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        return unescape(response.content.decode())

    def table(self, name: str, **query: object) -> list[list[str]]:
        """Cells of a table on the page."""
        text = self.look(**query).partition(f'<table id="{name}">')[2].partition("</table>")[0]
        cells = [re.findall(r"<td[^>]*>(.*?)</td>", one) for one in text.split("</tr>")]
        return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in one] for one in cells if one]

    def file(self, kind: str, **query: object) -> bytes:
        response = self.http.get(ROOT, {"format": kind, **query})
        assert response.status_code == 200
        assert response["Content-Disposition"].endswith(f'.{kind}"')
        assert response["X-Content-Type-Options"] == "nosniff"
        return response.content

    def csv(self, table: str, **query: object) -> list[dict[str, str]]:
        content = self.file("csv", table=table, **query)
        assert content.startswith(b"\xef\xbb\xbf")
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.fixture
def person(untold: House) -> Person:
    return Person()


def a_day() -> None:
    """Two registers' receipts of today."""
    now = timezone.now()
    sold = document(
        item("122.00", "1"),
        item("0.05", "1", vat=Vat.RATE_22),
        item("110.00", "1", vat=Vat.RATE_10),
        item("10.00", "1", vat=Vat.NONE),
        paid={Means.ELECTRONIC: Decimal("142.05"), Means.PREPAID: Decimal("100.00")},
    )
    row(sold, registered=now, happened=now, register="a:1", drive="1", shift_number=7)
    back = document(item("61.00", "1"), kind=Kind.SELL_REFUND)
    row(back, registered=now, happened=now, register="a:1", drive="1", shift_number=7)
    other = document(item("0.30", "1"), paid={Means.CASH: Decimal("0.30")})
    row(other, registered=now, happened=now, register="b:1", drive="2", shift_number=1)
    wrong = document(item("5.00", "1"), kind=Kind.SELL_CORRECTION)
    row(wrong, registered=now, happened=now, register="b:1", drive="2", shift_number=2)
    # Yesterday, and not registered at all.
    row(registered=now - timedelta(days=1), happened=now - timedelta(days=1), register="a:1")
    waiting(happened=now)


def test_the_day_by_shift_rate_and_way_to_pay(person: Person) -> None:
    a_day()
    day = {"from": today(), "to": today()}
    shifts = person.table("shifts", **day)
    assert [one[1:9] for one in shifts] == [
        ["a:1", "1", "7", "2", "242.05", "61.00", "142.05", "61.00"],
        ["b:1", "2", "2", "1 (1 correction)", "5.00", "0.00", "5.00", "0.00"],
        ["b:1", "2", "1", "1", "0.30", "0.00", "0.30", "0.00"],
    ]
    # The tax of each receipt is rounded by itself: 122.05 × 22/122 = 22.01, 0.30 → 0.05, 5 → 0.90.
    assert person.table("rates", **day) == [
        ["22%", "127.35", "22.96", "61.00", "11.00"],
        ["10%", "110.00", "10.00", "0.00", "0.00"],
        ["without VAT", "10.00", "0.00", "0.00", "0.00"],
    ]
    assert person.table("means", **day) == [
        ["Cash", "0.30", "0.00"],
        ["By electronic means", "147.05", "61.00"],
        ["Set off", "100.00", "0.00"],
    ]
    assert [one[1] for one in person.table("shifts", register="b:1", **day)] == ["b:1", "b:1"]
    assert len(person.table("shifts")) == 4


def test_the_day_ends_by_the_shop_s_clock(person: Person, settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {
        **settings.ONEC_CONFIGURATION,
        "orders": {"time_zone": "Asia/Kamchatka"},
    }
    # 14:00 and 11:00 in Greenwich are on two sides of midnight there.
    for hour in (11, 14):
        row(registered=datetime(2026, 11, 20, hour, tzinfo=UTC))
    found = person.csv("shifts", **{"from": "2026-11-20", "to": "2026-11-21"})
    assert [one["Day"] for one in found] == ["21.11.2026", "20.11.2026"]


def test_differences_are_counted_and_can_be_chosen(person: Person, untold: House) -> None:
    sales.pay(sales.order(), "200.00")
    sales.pay_unheard(sales.order(), "30.00")
    untold.tell()
    Receipt.objects.filter(moved=30).delete()
    text = person.look()
    assert "1 difference" in text
    assert [one[0] for one in person.table("facts")] == ["Without a receipt", "Matched"]
    assert [one[0] for one in person.table("facts", outcome="matched")] == ["Matched"]
    assert "1 difference" in person.look(outcome="matched")


def test_a_day_without_differences_says_so(person: Person) -> None:
    sales.pay(sales.order(), "200.00")
    text = person.look()
    assert "All agrees." in text
    # The emulator's receipts are none.
    assert "1 receipt is of a test register" in text


@pytest.mark.parametrize(
    "query",
    [
        {"from": "x", "to": "2026-13-01"},
        {"from": "0001-01-01", "to": "9999-12-31"},
        {"from": "9999-12-31", "to": "0001-01-01"},
        {"register": "nobody\x00", "outcome": "x", "page": "-1"},
        {"register": "<script>", "page": "x", "format": "y"},
    ],
)
def test_nonsense_shows_what_is_usual(person: Person, query: dict[str, object]) -> None:
    assert "There are none." in person.look(**query)
    assert "<script>" not in person.http.get(ROOT, query).content.decode()


def test_the_file_for_1c(person: Person) -> None:
    a_day()
    (one,) = (one for one in person.csv("shifts") if one["Shift"] == "7")
    assert (one["Day"], one["Sales"]) == (f"{today():%d.%m.%Y}", "242,05")
    assert len(person.csv("receipts")) == 5
    assert person.csv("receipts")[-1]["Amount"] in ("5,00", "0,30", "61,00", "242,05")
    assert {one["Rate of VAT"] for one in person.csv("rates")} == {"22%", "10%", "without VAT"}
    # Nobody's table is the first one.
    assert "Result" in person.csv("nothing")[0]


def test_the_workbook(person: Person) -> None:
    a_day()
    book = load_workbook(io.BytesIO(person.file("xlsx")))
    assert book.sheetnames == [
        *("Receipts beside payments", "By days and shifts", "By rates of VAT"),
        *("By ways to pay", "Receipts"),
    ]
    sheet = book["By days and shifts"]
    titles = [cell.value for cell in sheet[1]]
    rows = {row[3].value: row for row in sheet.iter_rows(min_row=2)}
    sold = rows[7][titles.index("Sales")]
    assert (sold.value, sold.number_format) == (242.05, "#,##0.00")
    assert rows[7][0].value.date() == today()


@pytest.mark.parametrize("name", ["=1+1", "@x", "+7", "\x01=1"])
def test_no_name_is_a_formula(person: Person, name: str) -> None:
    now = timezone.now()
    row(order_number=name, registered=now, happened=now, register="=cmd")
    for one in (*person.csv("receipts"), *person.csv("facts")):
        assert not one["Order"].startswith(("=", "+", "-", "@"))
        assert one["Register"] == "'=cmd"
    book = load_workbook(io.BytesIO(person.file("xlsx")))
    for sheet in ("Receipts", "Receipts beside payments"):
        cells = [cell for line in book[sheet].iter_rows(min_row=2) for cell in line]
        assert any(cell.value == name.replace("\x01", "") for cell in cells)
        assert not any(cell.data_type == "f" for cell in cells)


def test_hostile_names_are_text(person: Person) -> None:
    now = timezone.now()
    name = "<script>alert(1)</script>"
    row(order_number=name, registered=now, happened=now, register=name, reason=name, drive="9")
    text = person.http.get(ROOT).content.decode()
    assert "<script" not in text
    assert name in unescape(text)


# The chart.


def day(number: int, taken: str = "0", back: str = "0") -> DayTotal:
    return DayTotal(date(2026, 11, number), 1, Decimal(taken), Decimal(back))


def test_a_chart_has_all_days_and_nothing_outside_of_it() -> None:
    found = chart([day(2, "997.00", "100.00")], date(2026, 11, 1), date(2026, 11, 3))
    assert [bar.day.day for bar in found.bars] == [1, 2, 3]
    empty, full, _ = found.bars
    assert (empty.taken_height, empty.back_height) == (0, 0)
    assert full.taken_height > 9 * full.back_height > 0
    assert full.taken_y + full.taken_height == pytest.approx(found.base)
    assert found.lines[-1].amount == 1000
    assert all(0 < bar.x < bar.x + 2 * bar.width < found.width for bar in found.bars)
    assert full.taken_y >= found.lines[-1].y > 0


@pytest.mark.parametrize("most", ["0", "0.01", "7", "99.99", "100", "1234567.89"])
def test_nothing_is_higher_than_the_chart(most: str) -> None:
    found = chart([day(1, most)], date(2026, 11, 1), date(2026, 11, 1))
    assert found.lines[-1].amount >= Decimal(most)
    assert found.bars[0].taken_y >= found.lines[-1].y


def test_the_chart_is_one_for_those_who_do_not_see_it(person: Person) -> None:
    a_day()
    text = person.http.get(ROOT).content.decode()
    drawing = ElementTree.fromstring(re.search(r"<svg.*?</svg>", text, re.DOTALL)[0])  # type: ignore[index]
    names = drawing.attrib["aria-labelledby"].split()
    said = {one.attrib.get("id"): one.text or "" for one in drawing.iter()}
    assert drawing.attrib["role"] == "img"
    assert said[names[0]] == "Money by days"
    assert "taken 1381.35, given back 61.00" in said[names[1]]


def test_a_browser_draws_it(untold: House, browser: Chrome) -> None:
    a_day()
    with serving.served() as url:
        browser.get(url + ROOT)
        bars = browser.find_elements("css selector", "svg.chart rect.taken")
        assert len(bars) == 7
        assert bars[-1].size["height"] > 10
        assert FIRST not in browser.find_element("id", "shifts").text
