"""The report as a file for 1C and spreadsheets as they are set up in Russia.

UTF-8 with a mark at the beginning, semicolons between the fields and commas in the numbers.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from ...money import quantize
from ..provider import EntryKind
from . import lines
from .doubles import Double
from .matching import Closed, Row
from .words import Words

#: Signs with which spreadsheets begin a formula.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def write(rows: Iterable[Row], zone: ZoneInfo, doubles: Iterable[Double] = ()) -> bytes:
    """The whole file.

    Parameters
    ----------
    doubles
        What was paid twice comes after the moves, in columns of its own: sums are what they were.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(_titles())
    words = Words()
    writer.writerows(_fields(row, zone, words) for row in rows)
    writer.writerows(_doubled(double, zone, words) for double in doubles)
    return target.getvalue().encode("utf-8-sig", "replace")


def _titles() -> list[str]:
    return [
        *(_("Result"), _("Date"), _("Time"), _("Provider"), _("Account"), _("Kind")),
        *(_("Reference"), _("Payment"), _("Order"), _("Currency"), _("At the provider")),
        *(_("Fee"), _("At the gateway"), _("State at the gateway"), _("In the store"), _("In 1C")),
        *(_("Converted, after the fee"), _("Converted into"), _("Rate"), _("Remark")),
        *(_("Closed by"), _("Closed at"), _("Closed because")),
        *(_("Paid too much"), _("Of it given back"), _("Of it under way")),
        *(_("Of it to be given back"), _("Paid by"), _("Setting")),
    ]


def _fields(row: Row, zone: ZoneInfo, words: Words) -> Iterator[str]:
    fact = row.fact
    at = fact.at.astimezone(zone)
    yield words.outcomes[row.outcome]
    yield f"{at:%d.%m.%Y}"
    yield f"{at:%H:%M:%S}"
    yield _text(fact.provider)
    yield _text(row.account)
    yield words.kinds[fact.kind]
    yield _text(fact.reference)
    yield _text(row.payment_id)
    yield _text(row.sold.order_number if row.sold else "")
    currencies = (side.currency for side in (row.listed, row.own, row.sold) if side is not None)
    yield _text(", ".join(dict.fromkeys(currencies)))
    yield _number(row.listed.amount, row.listed.currency) if row.listed else ""
    fee = row.listed.fee if row.listed else None
    yield "" if fee is None else _number(fee, fact.currency)
    yield _number(row.own.amount, row.own.currency) if row.own else ""
    yield words.state(row.own) if row.own else ""
    yield _number(row.sold.amount, row.sold.currency) if row.sold else ""
    yield words.knowledge[row.onec] if row.onec else ""
    converted = row.listed.converted if row.listed else None
    yield _number(converted.amount, converted.currency) if converted else ""
    yield _text(converted.currency) if converted else ""
    yield lines.rate(converted).replace(".", ",") if converted else ""
    yield _text(row.listed.refusal) if row.listed and row.outcome.is_difference else ""
    yield from _closed(row.closed, zone)
    yield from [""] * 6


def _doubled(double: Double, zone: ZoneInfo, words: Words) -> Iterator[str]:
    attempt = double.attempt
    at = attempt.created.astimezone(zone)
    yield _("Paid twice")
    yield f"{at:%d.%m.%Y}"
    yield f"{at:%H:%M:%S}"
    yield _text(attempt.provider)
    yield ""
    yield words.kinds[EntryKind.PAYMENT]
    yield _text(attempt.payment_id)
    yield _text(attempt.payment_id)
    yield _text(double.order)
    yield _text(attempt.currency)
    yield from [""] * 9
    yield _text(double.failure)
    yield from _closed(double.closed, zone)
    for amount in (double.too_much, double.given, double.under_way, double.left):
        yield _number(amount, attempt.currency)
    paid_by = [lines.payment(one) for one in (*double.others, attempt)]
    if double.elsewhere:
        elsewhere = f"{quantize(double.elsewhere, attempt.currency):f} {attempt.currency}"
        paid_by.append(_("other gateways: %(amount)s") % {"amount": elsewhere})
    yield _text("; ".join(paid_by))
    yield words.duplicates


def _closed(closed: Closed | None, zone: ZoneInfo) -> Iterator[str]:
    yield _text(closed.who) if closed else ""
    yield f"{closed.at.astimezone(zone):%d.%m.%Y %H:%M:%S}" if closed else ""
    yield _text(closed.note) if closed else ""


def _text(text: str) -> str:
    """Never a formula, whoever has chosen it."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _number(amount: Decimal, currency: str) -> str:
    return f"{quantize(amount, currency):f}".replace(".", ",")
