"""Fiscal receipts of an order as requisites of its document.

Names are those of the law's format, which 1C's forms have too.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from ...store.orders import Order
from .terms import Terms
from .text import one_line

#: Metadata that the cash registers leave on it: a JSON list, the last receipt at its end.
RECEIPTS = "onec.receipts"
#: Signs in which all receipts are listed: what does not fit is counted.
_LISTED = 900
_RECEIPTS = {
    "sell": "Приход",
    "sell_refund": "Возврат прихода",
    "sell_correction": "Коррекция прихода",
    "sell_refund_correction": "Коррекция возврата прихода",
}


def receipt_requisites(order: Order, terms: Terms) -> Iterator[tuple[str, str]]:
    """The last fiscal receipt by its requisites, and all of them in a line each."""
    receipts = _read(order.metadata.get(RECEIPTS, ""))
    if not receipts:
        return
    last = receipts[-1]
    yield "Вид чека", _kind(last)
    yield "Сумма чека", _said(last, "total")
    yield "Дата и время чека", terms.moment(_said(last, "at"))
    yield "Номер ФД", _said(last, "document")
    yield "Номер ФН", _said(last, "drive")
    yield "ФПД", _said(last, "sign")
    yield "Регистрационный номер ККТ", _said(last, "register_number")
    # Nought: the register does not say.
    yield "Номер смены", _said(last, "shift").removeprefix("0")
    yield "Номер чека за смену", _said(last, "number").removeprefix("0")
    yield "Ссылка на чек", _said(last, "url") or _said(last, "page")
    if len(receipts) > 1:
        yield "Фискальные чеки", _lines([_line(one, terms) for one in receipts])


def _read(text: str) -> list[Mapping[str, object]]:
    """What is there; whatever else somebody wrote is no receipt."""
    try:
        found = json.loads(text) if text else []
    except (ValueError, RecursionError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _said(receipt: Mapping[str, object], key: str) -> str:
    value = receipt.get(key)
    return one_line(str(value)) if isinstance(value, str | int) else ""


def _kind(receipt: Mapping[str, object]) -> str:
    kind = _said(receipt, "kind")
    return _RECEIPTS.get(kind, kind)


def _line(receipt: Mapping[str, object], terms: Terms) -> str:
    at = terms.moment(_said(receipt, "at"))
    head = f"{_kind(receipt)} {_said(receipt, 'total')} от {at}"
    drive, document, sign = (_said(receipt, key) for key in ("drive", "document", "sign"))
    return f"{head}, ФН {drive}, ФД {document}, ФПД {sign}"


def _lines(lines: Sequence[str]) -> str:
    """In one requisite; the last ones where there are too many."""
    listed: list[str] = []
    for line in reversed(lines):
        if listed and sum(map(len, listed)) + len(line) > _LISTED:
            return f"ещё {len(lines) - len(listed)}; " + "; ".join(reversed(listed))
        listed.append(line)
    return "; ".join(reversed(listed))
