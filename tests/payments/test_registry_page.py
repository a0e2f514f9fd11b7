"""The report that people see over HTTP, its file, and its button."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils.translation import override

from saleor_1c_plugin.orders.models import Watermark
from saleor_1c_plugin.payments.models import Attempt, Notification, RegistryEntry, RegistryRun
from saleor_1c_plugin.payments.provider import Conversion, Entry, EntryKind
from saleor_1c_plugin.payments.registry import loading
from saleor_1c_plugin.payments.registry.pages import registries
from saleor_1c_plugin.sandbox.models import Payment
from saleor_1c_plugin.sandbox.standins.faults import Fault
from tests.exchange.test_orders_out import Sale

from .registries import DAY, Books, today

PAGE = "/registries/"


class Person:
    """Somebody with a browser."""

    def __init__(self) -> None:
        self.http = Client(headers={"Accept-Language": "en"})

    def look(self, **query: object) -> str:
        response = self.http.get(PAGE, query)
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        assert response["X-Frame-Options"] == "DENY"
        return unescape(response.content.decode())

    def results(self, *, closed: bool = False, **query: object) -> list[tuple[str, str]]:
        """What each move of money has come to, with its reference, as the page has them."""
        (moves,) = re.findall(r"<h2>Moves of money</h2>(.*)", self.look(**query), re.DOTALL)
        # What is folded away comes after the rest.
        still, _, folded = moves.partition("<summary>Closed (")
        return [(row[0], row[4]) for row in _cells(folded if closed else still)]

    def section(self, title: str, **query: object) -> tuple[list[list[str]], list[list[str]]]:
        """The cells of a part of the page, and those of what is folded away there."""
        _, _, after = self.look(**query).partition(f"<h2>{title}")
        part = after.partition("<h2>")[0]
        still, _, folded = re.sub(
            r"<details><summary>Close</summary>.*?</details>", "", part, flags=re.DOTALL
        ).partition("<details>")
        return _cells(still), _cells(folded)

    def rows(self, **query: object) -> list[dict[str, str]]:
        """Those of the file."""
        response = self.http.get(PAGE, {"format": "csv", **query})
        assert response.status_code == 200
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"].startswith("attachment;")
        assert response.content.startswith(b"\xef\xbb\xbf")
        return list(
            csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";")
        )

    def press(self, action: str = "load", given: object = None, **query: object) -> HttpResponse:
        """A button; `given` are fields of its form."""
        form = re.search(r'name="form" value="([^"]+)"', self.look(**query))
        assert form
        address = self.http.get(PAGE, query).request["QUERY_STRING"]
        data = {"form": form[1], "action": action, **(given or {})}  # type: ignore[dict-item]
        return self.http.post(f"{PAGE}?{address}", data)  # type: ignore[return-value]

    def line(self, about: str, **query: object) -> str:
        """What the page calls the line in which this stands."""
        rows = re.findall(r"<tr>.*?</tr>", self.look(**query), re.DOTALL)
        (row,) = [one for one in rows if about in one and 'name="line"' in one]
        (token,) = re.findall(r'name="line" value="([^"]+)"', row)
        return token  # type: ignore[no-any-return]

    def close(self, about: str, note: str = "Sold by the other site", **query: object) -> int:
        given = {"line": self.line(about, **query), "note": note}
        return self.press("close", given, **query).status_code


def _cells(table: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells if row]


@pytest.fixture
def person() -> Iterator[Person]:
    # Tests empty the table that the migration began.
    Watermark.objects.all().delete()
    with override("en"):
        yield Person()


def onec_comes() -> None:
    """1C takes all orders."""
    client = Sale()
    client.log_in()
    client.query()
    assert client.ask("success").startswith("success")


def test_an_empty_report_is_a_page(books: Books, person: Person) -> None:
    assert "There are none." in person.look()
    assert person.rows() == []


@pytest.mark.parametrize(
    "query",
    [
        {"from": "x", "to": "2026-13-01"},
        {"from": "0001-01-01", "to": "9999-12-31"},
        {"from": "9999-12-31", "to": "0001-01-01"},
        {"provider": "nobody", "outcome": "x", "page": "-1"},
        {"provider": "<script>", "page": "x", "format": "y"},
    ],
)
def test_nonsense_shows_what_is_usual(
    books: Books, person: Person, query: dict[str, object]
) -> None:
    assert "There are none." in person.look(**query)
    assert "<script>" not in person.look(**query)


def test_all_that_there_is_to_tell(books: Books, person: Person) -> None:
    matched = books.paid()
    foreign = books.foreign("77.70")
    gone = books.paid()
    other = books.paid()
    reversed_ = books.paid()
    books.load(1, 0)
    del books.yookassa.payments[gone.payment_id]
    RegistryEntry.objects.filter(reference=gone.payment_id).delete()
    Payment.objects.filter(reference=other.payment_id).update(amount=Decimal("99.99"))
    # What is flagged is not mended.
    Attempt.objects.filter(pk=reversed_.pk).update(problem="Look at <this>")
    refund = books.give_back(reversed_.payment_id, Decimal(40))
    books.load(1, 1)
    onec_comes()
    unseen = books.paid()
    books.load(1, 1)
    assert person.results() == [
        ("Only at the provider", foreign.id),
        ("Only in the store", gone.payment_id),
        ("Another state", refund.id),
        ("Another amount", other.payment_id),
        ("Not in 1C", unseen.payment_id),
        *(
            ("Matched", payment.payment_id)
            for payment in sorted(
                [matched, reversed_],
                key=lambda one: books.yookassa.payments[one.payment_id].captured,
                reverse=True,
            )
        ),
    ]
    page = person.look()
    assert "5 differences" in page
    assert "Look at <this>" in page
    assert "<this>" not in person.http.get(PAGE).content.decode()
    # By the outcome alone.
    assert person.results(outcome="amount") == [("Another amount", other.payment_id)]
    assert "5 differences" in person.look(outcome="amount")


def test_1c_that_takes_the_order_makes_it_match(books: Books, person: Person) -> None:
    paid = books.paid()
    books.load(1, 1)
    assert person.results() == [("Not in 1C", paid.payment_id)]
    onec_comes()
    assert person.results() == [("Matched", paid.payment_id)]
    refund = books.give_back(paid.payment_id, Decimal(10))
    books.load(1, 1)
    # 1C has the order as it was before.
    assert {what for what, _ in person.results()} == {"Not in 1C"}
    onec_comes()
    assert sorted(person.results()) == sorted(
        [("Matched", paid.payment_id), ("Matched", refund.id)]
    )


def test_without_orders_in_1c_nothing_is_missing_there(books: Books, person: Person) -> None:
    books._settings.ONEC_CONFIGURATION = {**books._settings.ONEC_CONFIGURATION, "orders": None}
    paid = books.paid(ago=2 * DAY)
    books.load(4, 0)
    assert person.results() == [("Matched", paid.payment_id)]


def test_what_is_not_loaded_yet_is_no_difference(books: Books, person: Person) -> None:
    paid = books.paid()
    assert person.results() == [("Registry not loaded", paid.payment_id)]
    assert "difference" not in person.look().partition("<h2>")[0].partition("</form>")[2]


def test_a_move_is_in_one_period(books: Books, person: Person) -> None:
    paid = books.paid(ago=2 * DAY)
    refund = books.give_back(paid.payment_id, Decimal(5), ago=DAY)
    books.load(3, 0)

    def seen(ago: int) -> list[str]:
        day = today() - ago * DAY
        return [reference for _, reference in person.results(**{"from": day, "to": day})]

    assert seen(3) == []
    assert seen(2) == [paid.payment_id]
    assert seen(1) == [refund.id]
    assert seen(0) == []


def test_days_with_their_fees(books: Books, person: Person) -> None:
    attempt = books.paid()
    books.foreign("900.00")
    books.give_back(attempt.payment_id, Decimal("10.10"))
    books.load(1, 1)
    page = person.look()
    (row,) = re.findall(r"<h2>By days</h2>.*?</tr>\s*<tr>(.*?)</tr>", page, re.DOTALL)
    cells = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
    paid = attempt.amount + 900
    fees = Decimal("25.20") + (attempt.amount * Decimal("0.028")).quantize(Decimal("0.01"))
    assert cells[1:] == [
        *("ЮKassa", "100500", f"{paid:.2f} (2)", "10.10 (1)", f"{fees:f}"),
        *(f"{paid - fees - Decimal('10.10'):.2f}", f"{attempt.amount:.2f}", "10.10", "RUB", "3"),
    ]


def test_the_file_is_for_russian_spreadsheets(books: Books, person: Person) -> None:
    paid = books.paid()
    books.load(1, 1)
    (row,) = person.rows()
    payment = books.yookassa.payments[paid.payment_id]
    assert row["Result"] == "Not in 1C"
    assert row["At the provider"] == f"{payment.amount:.2f}".replace(".", ",")
    assert row["Fee"] == str((payment.amount * payment.fee).quantize(Decimal("0.01"))).replace(
        ".", ","
    )
    assert (row["At the gateway"], row["State at the gateway"]) == (
        row["At the provider"],
        "charged",
    )
    assert row["In the store"] == row["At the provider"]
    assert (row["Reference"], row["Currency"], row["In 1C"]) == (payment.id, "RUB", "not taken yet")
    assert row["Order"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t"])
def test_a_cell_is_never_a_formula(books: Books, person: Person, sign: str) -> None:
    formula = f'{sign}HYPERLINK("https://evil.example")'
    made = books.foreign(payment_id=formula)
    books.load(1, 1)
    (row,) = person.rows()
    assert row["Reference"] == row["Payment"] == f"'{made.id}"
    assert "&quot;" in person.http.get(PAGE).content.decode()


def test_what_could_not_be_loaded_is_named(books: Books, person: Person) -> None:
    books.yookassa.faults.script.append(Fault.DOWN)
    books.load(1, 1)
    assert "waits: HTTP 5" in person.look()
    books.work()
    assert "Not loaded" not in person.look()


def test_notifications_that_were_set_aside_are_shown(books: Books, person: Person) -> None:
    Notification.objects.create(
        provider="yookassa",
        digest="d",
        body=b"secret body",
        payment_id="p-1",
        state="aside",
        reason="There is no <such> payment here",
        source="203.0.113.9",
    )
    page = person.look()
    assert "There is no <such> payment here" in page
    assert "203.0.113.9" in page
    assert "secret body" not in page


def test_the_button_loads_the_days_that_are_shown(books: Books, person: Person) -> None:
    ids = {books.foreign(ago=days * DAY).id for days in (1, 2)}
    books.foreign(ago=3 * DAY)
    first, last = today() - 2 * DAY, today() - DAY
    assert person.press(**{"from": first, "to": last, "provider": "yookassa"}).status_code == 302
    assert books.references() == ids


@pytest.mark.parametrize("form", [None, "", "forged:1:2"])
def test_another_site_can_press_nothing(books: Books, person: Person, form: str | None) -> None:
    data = {"action": "load"} if form is None else {"action": "load", "form": form}
    assert person.http.post(PAGE, data).status_code == 403
    assert not RegistryRun.objects.exists()


def test_a_page_of_somebody_else_is_no_good(books: Books) -> None:
    page = registries(RequestFactory().get("/"), user="7").content.decode()
    form = re.search(r'name="form" value="([^"]+)"', page)
    assert form
    data = {"form": form[1], "action": "load"}
    assert registries(RequestFactory().post("/", data), user="8").status_code == 403
    assert not RegistryRun.objects.exists()
    assert registries(RequestFactory().post("/", data), user="7").status_code == 302
    assert RegistryRun.objects.exists()


def test_many_moves_have_many_pages_and_few_queries(
    books: Books, person: Person, django_assert_max_num_queries: object
) -> None:
    for number in range(1, 151):
        books.foreign(f"{number}.00", ago=DAY + timedelta(seconds=number))
    books.load(1, 1)
    assert len(person.results()) == 100
    assert len(person.results(page=2)) == 50
    assert "1 / 2" in person.look()
    assert len(person.rows()) == 150
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        person.look()


def test_conversions_are_shown_with_their_rate(books: Books, person: Person) -> None:
    made = books.foreign("1000.00", converts=("USD", Decimal("0.0109")))
    other = books.foreign("500.00", converts=("USD", Decimal("0.01")))
    books.foreign("10.00")
    books.load(1, 1)
    # YooKassa does not say it; PayPal does, with up to 15 digits after the point.
    rate = Decimal("0.010895061728395")
    RegistryEntry.objects.filter(reference=made.id).update(rate=rate)
    rows = {row["Reference"]: row for row in person.rows()}
    assert rows[made.id]["At the provider"] == "1000,00"
    assert rows[made.id]["Currency"] == "RUB"
    names = ("Converted, after the fee", "Converted into", "Rate")
    assert [rows[made.id][name] for name in names] == ["10,59", "USD", "0,010895061728395"]
    assert [rows[other.id][name] for name in names] == ["4,86", "USD", ""]
    page = person.look()
    assert '1000.00 RUB <span class="soft">→ 10.59 USD × 0.010895061728395</span>' in page
    assert '500.00 RUB <span class="soft">→ 4.86 USD</span>' in page
    # What the day comes to there.
    assert "→ 15.45 USD" in page
    books.load(1, 1)
    assert RegistryEntry.objects.get(reference=made.id).rate is None


def test_a_rate_is_kept_to_the_last_digit(books: Books) -> None:
    at = datetime.now(UTC)
    rate = Decimal("162.345678901234567")
    converted = Conversion(Decimal("1500.4"), "JPY", rate)
    entry = Entry(EntryKind.PAYMENT, "p", "p", Decimal(10), "EUR", at, converted=converted)
    run = RegistryRun.objects.create(
        provider="paypal", account="a", channel="c", since=at, until=at
    )
    loading._write(run, [entry])
    row = RegistryEntry.objects.get()
    assert (row.converted, row.converted_currency, row.rate) == (1500, "JPY", rate)
