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
from .matching import Row
from .words import Words

#: Signs with which spreadsheets begin a formula.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def write(rows: Iterable[Row], zone: ZoneInfo) -> bytes:
    """The whole file."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(_titles())
    words = Words()
    writer.writerows(_fields(row, zone, words) for row in rows)
    return target.getvalue().encode("utf-8-sig", "replace")


def _titles() -> list[str]:
    return [
        *(_("Result"), _("Date"), _("Time"), _("Provider"), _("Account"), _("Kind")),
        *(_("Reference"), _("Payment"), _("Order"), _("Currency"), _("At the provider")),
        *(_("Fee"), _("At the gateway"), _("State at the gateway"), _("In the store"), _("In 1C")),
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


def _text(text: str) -> str:
    """Never a formula, whoever has chosen it."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _number(amount: Decimal, currency: str) -> str:
    return f"{quantize(amount, currency):f}".replace(".", ",")
