"""What the page of the report has to say, line by line, as its template wants it."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from ...money import quantize
from ..models import Attempt
from ..provider import Conversion, providers
from . import closing
from .doubles import Double
from .matching import Row
from .totals import Total
from .words import Words

type Shown = dict[str, Any]


def moved(row: Row, words: Words) -> Shown:
    """A move of money; what nobody has to look at can't be closed."""
    fact = row.fact
    sides = {"listed": row.listed, "own": row.own, "sold": row.sold}
    line: Shown = {
        name: side and _money(side.amount, side.currency) for name, side in sides.items()
    }
    fee = row.listed.fee if row.listed else None
    converted = row.listed.converted if row.listed else None
    return line | {
        "at": fact.at,
        "provider": title(fact.provider),
        "kind": words.kinds[fact.kind],
        "reference": fact.reference,
        "order": row.sold.order_number if row.sold else "",
        "fee": "" if fee is None else f"{quantize(fee, fact.currency):f}",
        "converted": converted and _converted(converted),
        "state": words.state(row.own) if row.own else "",
        "onec": words.knowledge[row.onec] if row.onec else "",
        "outcome": words.outcomes[row.outcome],
        "refusal": row.listed.refusal if row.listed else "",
        "is_difference": row.outcome.is_difference,
        "closed": row.closed,
        "token": closing.move(row).token if row.outcome.is_difference else "",
    }


def total(found: Total) -> Shown:
    def amount(name: str) -> str:
        return f"{quantize(getattr(found, name), found.currency):f}"

    amounts = ("paid", "given_back", "fees", "net", "sold", "returned")
    return {name: amount(name) for name in amounts} | {
        "day": found.day,
        "provider": title(found.provider),
        "account": found.account,
        "currency": found.currency,
        "payments": found.payments,
        "refunds": found.refunds,
        "without_fee": found.without_fee,
        "differences": found.differences,
        "converted": [_money(sum_, other) for other, sum_ in sorted(found.converted.items())],
    }


def doubled(double: Double) -> Shown:
    """What was paid twice."""
    attempt = double.attempt

    def amount(found: Decimal) -> str:
        return _money(found, attempt.currency)

    return {
        "at": attempt.created,
        "order": double.order,
        "provider": title(attempt.provider),
        "reference": attempt.payment_id,
        "charged": amount(attempt.charged),
        "others": [payment(one) for one in double.others],
        "elsewhere": amount(double.elsewhere) if double.elsewhere else "",
        "too_much": amount(double.too_much),
        "given": amount(double.given),
        "under_way": amount(double.under_way) if double.under_way else "",
        "left": amount(double.left),
        "is_left": bool(double.left),
        "failure": double.failure,
        "closed": double.closed,
        "token": double.line.token,
    }


def payment(attempt: Attempt) -> str:
    """One among others, in words."""
    amount = _money(attempt.charged, attempt.currency)
    return f"{title(attempt.provider)} {attempt.payment_id}: {amount}"


def listed[Item](found: Sequence[Item], line: Callable[[Item], closing.Line]) -> list[Shown]:
    """What a person must look at, apart from moves: each with who has closed it.

    Parameters
    ----------
    line
        What of :mod:`.closing` makes a line of it.
    """
    lines = [line(one) for one in found]
    known = closing.closed(lines)
    return [
        {"item": one, "closed": known.get(own), "token": own.token}
        for one, own in zip(found, lines, strict=True)
    ]


def title(name: str) -> str:
    provider = providers().get(name)
    return provider.title if provider else name


def rate(converted: Conversion) -> str:
    """As it was told, without the noughts that the database adds; empty: it was not."""
    if converted.rate is None:
        return ""
    text = f"{converted.rate:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _converted(converted: Conversion) -> Shown:
    amount = _money(converted.amount, converted.currency)
    return {"amount": amount, "rate": rate(converted)}


def _money(amount: Decimal, currency: str) -> str:
    return f"{quantize(amount, currency):f} {currency}"
