"""Lines that a person closes: folded away, counted no more, and in the file still."""

import re
from datetime import datetime
from decimal import Decimal
from html import unescape

import pytest
from django.db import transaction
from django.test import RequestFactory

from saleor_1c_plugin.payments.models import (
    Attempt,
    ClosedLine,
    Notification,
    RegistryEntry,
    RegistryRun,
)
from saleor_1c_plugin.payments.registry import mending
from saleor_1c_plugin.payments.registry.pages import registries

from .registries import DAY, Books
from .standins.yookassa_objects import Payment
from .test_registry_page import PAGE, Person, person

__all__ = ["person"]

WHY = "Sold by the other site"


def test_a_closed_line_is_folded_away_and_stays_in_the_file(books: Books, person: Person) -> None:
    first, second = books.foreign("77.70"), books.foreign("50.00")
    books.load(1, 1)
    assert person.close(first.id, WHY) == 302
    assert person.results() == [("Only at the provider", second.id)]
    assert person.results(closed=True) == [("Only at the provider", first.id)]
    page = person.look()
    assert "1 difference<" in page
    assert "<summary>Closed (1)</summary>" in page
    assert WHY in page
    (day,) = re.findall(r"<h2>By days</h2>.*?</tr>\s*<tr>(.*?)</tr>", page, re.DOTALL)
    assert re.sub(r"<[^>]+>", "", day).endswith("1")
    rows = {row["Reference"]: row for row in person.rows()}
    assert rows.keys() == {first.id, second.id}
    assert rows[first.id]["Result"] == "Only at the provider"
    assert rows[first.id]["Closed because"] == WHY
    assert datetime.strptime(rows[first.id]["Closed at"], "%d.%m.%Y %H:%M:%S")  # noqa: DTZ007
    assert rows[second.id]["Closed because"] == rows[second.id]["Closed at"] == ""
    # By its result it is found too.
    assert person.results(closed=True, outcome="only_provider") == [
        ("Only at the provider", first.id)
    ]


def test_who_has_closed_it_is_written_down(books: Books, person: Person) -> None:
    made = books.foreign()
    books.load(1, 1)
    page = unescape(registries(RequestFactory().get("/"), user="anna@example.com").content.decode())
    form, line = (
        re.findall(rf'name="{name}" value="([^"]+)"', page)[0] for name in ("form", "line")
    )
    data = {"form": form, "line": line, "action": "close", "note": WHY}
    # Nobody else can press it in her name.
    assert registries(RequestFactory().post("/", data), user="boris@example.com").status_code == 403
    assert not ClosedLine.objects.exists()
    assert registries(RequestFactory().post("/", data), user="anna@example.com").status_code == 302
    (row,) = person.rows()
    assert (row["Reference"], row["Closed by"]) == (made.id, "anna@example.com")
    assert "anna@example.com" in person.look()


def test_a_line_that_says_something_else_is_open_again(books: Books, person: Person) -> None:
    made = books.foreign("77.70")
    books.load(1, 1)
    person.close(made.id)
    books.load(1, 1)
    assert person.results() == []
    made.amount = Decimal("77.71")
    books.load(1, 1)
    assert person.results() == [("Only at the provider", made.id)]
    assert person.rows()[0]["Closed because"] == ""
    # And may be closed again.
    person.close(made.id, "Asked them")
    assert person.rows()[0]["Closed because"] == "Asked them"


def test_what_was_closed_by_mistake_is_opened(books: Books, person: Person) -> None:
    made = books.foreign()
    books.load(1, 1)
    person.close(made.id)
    assert person.press("reopen", {"line": person.line(made.id)}).status_code == 302
    assert person.results() == [("Only at the provider", made.id)]
    assert not ClosedLine.objects.exists()


@pytest.mark.parametrize("note", ["", "   ", "\n\t", "\x00"])
def test_nothing_is_closed_without_a_reason(books: Books, person: Person, note: str) -> None:
    made = books.foreign()
    books.load(1, 1)
    response = person.press("close", {"line": person.line(made.id), "note": note})
    assert response.status_code == 400
    assert "write why the line needs nobody" in response.content.decode()
    assert not ClosedLine.objects.exists()


def test_a_reason_is_text_and_nothing_else(books: Books, person: Person) -> None:
    made = books.foreign()
    books.load(1, 1)
    person.close(made.id, "=1+1\x00\r\n <b>bold</b> " + "x" * 600)
    text = ClosedLine.objects.get().note
    assert text.startswith("=1+1 <b>bold</b> xxx")
    assert len(text) == 500
    assert "<b>bold" not in person.http.get(PAGE).content.decode()
    assert person.rows()[0]["Closed because"].startswith("'=1+1")


@pytest.mark.parametrize("line", ["", "x", "WyJtb3ZlIl0:1:x", "\x00"])
def test_a_line_that_no_page_has_shown_can_not_be_closed(
    books: Books, person: Person, line: str
) -> None:
    for action in ("close", "reopen"):
        assert person.press(action, {"line": line, "note": WHY}).status_code == 403
    assert not ClosedLine.objects.exists()


def test_what_matches_needs_no_closing(books: Books, person: Person) -> None:
    books._settings.ONEC_CONFIGURATION = {**books._settings.ONEC_CONFIGURATION, "orders": None}
    books.paid()
    books.load(1, 1)
    assert 'name="line"' not in person.look()


def test_payments_and_notifications_are_closed_too(books: Books, person: Person) -> None:
    attempt = books.begun()
    Attempt.objects.filter(pk=attempt.pk).update(problem="It is 1 RUB, not 2")
    Notification.objects.create(
        provider="yookassa", digest="d", body=b"", payment_id="p-1", state="aside", reason="Unknown"
    )
    assert person.close("It is 1 RUB", "Given back at the provider's") == 302
    assert person.close("p-1", "Not ours") == 302
    for title, note in (("Payments that", "Given back"), ("Notifications set", "Not ours")):
        still, folded = person.section(title)
        assert still == []
        assert len(folded) == 1
        assert note in folded[0][-1]
    # Another reason is another line.
    Attempt.objects.filter(pk=attempt.pk).update(problem="It is in USD, not in RUB")
    still, folded = person.section("Payments that")
    assert ([row[5] for row in still], folded) == (["It is in USD, not in RUB"], [])


# Why a registry could mend nothing.


def entry(made: Payment) -> RegistryRun:
    """What the registry has of a payment, and the period of it."""
    at = made.captured or made.created
    RegistryEntry.objects.create(
        provider="yookassa",
        account="100500",
        kind="payment",
        reference=made.id,
        payment_id=made.id,
        attempt=made.asked.get("metadata", {}).get("onec_attempt", ""),
        amount=made.amount,
        currency="RUB",
        at=at,
    )
    return RegistryRun.objects.create(
        provider="yookassa", account="100500", channel="usd", since=at - DAY, until=at + DAY
    )


def test_a_payment_that_the_provider_does_not_know_says_so(books: Books, person: Person) -> None:
    attempt = books.begun()
    books.pay(attempt.payment_id)
    Attempt.objects.update(next_poll=None)
    made = books.yookassa.payments.pop(attempt.payment_id)
    run = entry(made)
    with transaction.atomic():
        mending.doubt(run)
    books.work()
    assert person.results() == [("Another state", made.id)]
    assert "The provider does not know the payment: HTTP 404" in person.look()
    (row,) = person.rows()
    assert row["Remark"].startswith("The provider does not know the payment")
    person.close(made.id, "They have lost it")
    assert person.results() == []
    assert "HTTP 404" in person.rows()[0]["Remark"]


def test_a_payment_that_names_ours_and_is_another_says_so(books: Books, person: Person) -> None:
    attempt = books.begun()
    forged = books.foreign(payment_id="forged")
    forged.asked = {"confirmation": {}, "metadata": {"onec_attempt": str(attempt.pk)}}
    books.load(1, 1)
    assert person.results() == [("Only at the provider", forged.id)]
    (row,) = person.rows()
    assert row["Remark"] == (
        f"It names our payment {attempt.payment_id}, and its own id is another"
    )


def test_a_payment_that_is_known_meanwhile_to_be_another_says_so(
    books: Books, person: Person
) -> None:
    attempt = books.begun()
    own, attempt.payment_id = attempt.payment_id, ""
    attempt.save()
    forged = books.foreign(payment_id="forged")
    forged.asked = {"confirmation": {}, "metadata": {"onec_attempt": str(attempt.pk)}}
    run = entry(forged)
    with transaction.atomic():
        mending.doubt(run)
        # Our own call is answered.
        Attempt.objects.update(payment_id=own)
    books.work()
    (row,) = person.rows()
    assert row["Remark"] == "The payment is not this attempt's"
    attempt.refresh_from_db()
    assert (attempt.payment_id, attempt.status, attempt.problem) == (own, "pending", "")


def test_a_gateway_that_is_off_mends_nothing_and_says_so(
    books: Books, person: Person, settings: object
) -> None:
    attempt = books.begun()
    books.pay(attempt.payment_id)
    Attempt.objects.update(next_poll=None, channel="gone")
    books.configure("yookassa/gone", shop_id="")
    books._settings.ONEC_CONFIGURATION = {
        **books._settings.ONEC_CONFIGURATION,
        "yookassa/gone": None,
    }
    books.load(1, 1)
    assert "The gateway is switched off in gone" in person.look()
