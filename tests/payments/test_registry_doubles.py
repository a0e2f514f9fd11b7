"""What was paid twice, on the page and in the file: by what, and what of it has gone back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models.functions import Now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saleor_1c_plugin.payments import operations, sessions
from saleor_1c_plugin.payments.models import Attempt, Operation
from saleor_1c_plugin.payments.provider import providers
from saleor_1c_plugin.payments.registry.doubles import Share, split
from saleor_1c_plugin.payments.tasks import poll
from saleor_1c_plugin.sandbox.models import Order
from saleor_1c_plugin.store.payments import Action, Session

from .registries import DAY, Books, today
from .test_registry_page import Person, person

__all__ = ["person"]


def twice(books: Books, order: Order, times: int = 2) -> tuple[list[Attempt], list[Attempt]]:
    """An order that is paid in as many windows: which took too much, and the other."""
    begun = [books.begun(order)]
    for number in range(2, times + 1):
        session = Session(
            f"{order.key}.{number}",
            *("Оплата", str(order.key), order.channel, begun[0].amount, begun[0].currency),
            given={"returnUrl": "https://shop.example/back"},
        )
        sessions.pay(providers()["yookassa"], session)
        begun.append(Attempt.objects.get(transaction=session.transaction))
    for one in begun:
        books.pay(one.payment_id)
    Attempt.objects.update(next_poll=Now())
    poll()
    books.work()
    rows = Attempt.objects.order_by("created")
    return [one for one in rows if one.duplicate], [one for one in rows if not one.duplicate]


def give_back(attempt: Attempt, amount: Decimal, asked: str = "staff") -> None:
    provider = providers()["yookassa"]
    assert operations.request(provider, attempt.transaction, Action.REFUND, amount, asked)


def in_file(person: Person, **query: object) -> list[list[str]]:
    names = ("Paid too much", "Of it given back", "Of it under way", "Of it to be given back")
    rows = [row for row in person.rows(**query) if row["Result"] == "Paid twice"]
    return [[row[name].replace(",", ".") for name in names] for row in rows]


def test_which_order_by_which_payments_and_what_is_left(books: Books, person: Person) -> None:
    order = books.order()
    (flagged,), (first,) = twice(books, order)
    amount = f"{flagged.amount:.2f} RUB"
    (line,), folded = person.section("Paid twice")
    assert folded == []
    assert line[0] == str(order.pk)
    assert line[2:9] == [
        *("ЮKassa", flagged.payment_id, amount, f"ЮKassa {first.payment_id}: {amount}"),
        *(amount, "0.00 RUB", amount),
    ]
    assert "it is shown only: staff decide" in person.look()
    (row,) = [one for one in person.rows() if one["Result"] == "Paid twice"]
    assert (row["Order"], row["Payment"]) == (str(order.pk), flagged.payment_id)
    assert row["Paid by"].count("ЮKassa") == 2
    assert first.payment_id in row["Paid by"]
    assert "staff decide" in row["Setting"]
    # Sums of the file are what they were.
    assert row["At the provider"] == row["At the gateway"] == row["In the store"] == ""
    whole = f"{flagged.amount:.2f}"
    assert in_file(person) == [[whole, "0.00", "0.00", whole]]
    assert in_file(person, outcome="matched") == []


@pytest.mark.parametrize("which", ["flagged", "first"])
def test_whichever_staff_give_back_counts(books: Books, person: Person, which: str) -> None:
    (flagged,), (first,) = twice(books, books.order())
    back = flagged if which == "flagged" else first
    give_back(back, Decimal("10.00"))
    rest = flagged.amount - 10
    assert in_file(person) == [[f"{flagged.amount:.2f}", "10.00", "0.00", f"{rest:.2f}"]]
    give_back(back, rest, "again")
    assert in_file(person) == [[f"{flagged.amount:.2f}", f"{flagged.amount:.2f}", "0.00", "0.00"]]
    still, folded = person.section("Paid twice")
    assert still == []
    assert folded[0][3] == flagged.payment_id


def test_what_the_setting_gives_back_is_shown_as_it_goes(books: Books, person: Person) -> None:
    books.configure("payments", duplicates="refund")
    books.yookassa.refunds_wait = True
    (flagged,), _ = twice(books, books.order())
    whole = f"{flagged.amount:.2f}"
    assert in_file(person) == [[whole, "0.00", whole, "0.00"]]
    (line,), _ = person.section("Paid twice")
    assert f"({whole} RUB under way)" in line[7]
    assert "is given back at once" in person.look()
    (refund,) = books.yookassa.refunds
    books.yookassa.settle_refund(refund)
    Attempt.objects.update(next_poll=Now())
    poll()
    assert in_file(person) == [[whole, whole, "0.00", "0.00"]]
    assert person.section("Paid twice")[0] == []


def test_a_refund_that_failed_says_why(books: Books, person: Person) -> None:
    (flagged,), _ = twice(books, books.order())
    Operation.objects.create(
        attempt=flagged, kind="refund", amount=flagged.amount, state="failed", reason="No <money>"
    )
    (line,), _ = person.section("Paid twice")
    assert line[8].startswith(f"{flagged.amount:.2f} RUB No")
    assert "No &lt;money&gt;" in person.http.get("/registries/").content.decode()
    assert [row["Remark"] for row in person.rows() if row["Result"] == "Paid twice"] == [
        "No <money>"
    ]


def test_of_three_the_newest_is_given_back_first(books: Books, person: Person) -> None:
    flagged, (first,) = twice(books, books.order(), times=3)
    assert len(flagged) == 2
    give_back(first, first.amount)
    whole = f"{first.amount:.2f}"
    # By whatever payment it went back: once.
    assert sorted(in_file(person)) == [
        [whole, "0.00", "0.00", whole],
        [whole, whole, "0.00", "0.00"],
    ]


def test_what_is_settled_is_of_its_time_and_what_is_left_of_any(
    books: Books, person: Person
) -> None:
    (flagged,), _ = twice(books, books.order())
    Attempt.objects.update(created=Now() - timedelta(days=30))
    assert len(in_file(person)) == len(person.section("Paid twice")[0]) == 1
    give_back(flagged, flagged.amount)
    assert in_file(person) == []
    assert "Paid twice" not in person.look()
    day = today() - 30 * DAY
    period = {"from": day - DAY, "to": day + DAY}
    assert len(in_file(person, **period)) == 1
    assert in_file(person, **period, provider="paypal") == []


def test_what_the_buyer_leaves_here_is_closed(books: Books, person: Person) -> None:
    (flagged,), _ = twice(books, books.order())
    assert person.close(f'<td class="text">{flagged.payment_id}</td>', "For the next order") == 302
    still, ((*_, note),) = person.section("Paid twice")
    assert still == []
    assert "For the next order" in note
    (row,) = [row for row in person.rows() if row["Result"] == "Paid twice"]
    assert row["Closed because"] == "For the next order"
    # A part that goes back all the same makes it another line.
    give_back(flagged, Decimal("1.00"))
    assert len(person.section("Paid twice")[0]) == 1


_amounts = st.integers(0, 1000).map(Decimal)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.builds(Share, _amounts, _amounts, _amounts), max_size=5),
    st.integers(-500, 3000).map(Decimal),
)
def test_nothing_is_left_twice(shares: list[Share], over: Decimal) -> None:
    left_over = over - sum(one.under_way for one in shares)
    found = split(shares, over, left_over)
    assert len(found) == len(shares)
    for share, (under_way, left) in zip(shares, found, strict=True):
        assert under_way >= 0
        assert left >= 0
        assert under_way + left <= max(share.too_much - share.done, 0)
    assert sum(left for _, left in found) <= max(left_over, 0)
    assert sum(under_way + left for under_way, left in found) <= max(over, 0)
