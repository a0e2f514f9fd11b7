"""What the portal's people see: customers, deals, and what happened to them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from .html import link, page, table
from .messages import Answer

type Row = Mapping[str, Any]
#: Kind → id → fields.
type Rows = Mapping[str, Mapping[int, Row]]

_TITLE = "Bitrix24 (a stand-in)"
#: Fields of a deal that say of which record.
_OF = {"contact": "CONTACT_ID", "company": "COMPANY_ID"}


def serve(rows: Rows, products: Mapping[int, Sequence[Row]], path: str) -> Answer:
    """The page at an address."""
    match path.strip("/").split("/"):
        case [""]:
            return page(_TITLE, _everything(rows))
        case ["crm", ("contact" | "company" | "deal") as kind, "details", number] if (
            number.isascii() and number.isdigit() and (row := rows[kind].get(int(number)))
        ):
            return page(name(kind, row), _record(rows, products, kind, int(number), row))
    return Answer(404, b"There is no such page.", "text/plain")


def address(kind: str, record: object) -> str:
    return f"/crm/{kind}/details/{record}/"


def name(kind: str, row: Row) -> str:
    """Of a record, for people."""
    if kind == "contact":
        return " ".join(filter(None, (row.get("NAME"), row.get("LAST_NAME"))))
    return str(row.get("TITLE") or "")


def timeline(rows: Rows, kind: str, record: int) -> list[str]:
    """What is written of a record, the oldest first."""
    return [
        str(row["COMMENT"])
        for row in rows["comment"].values()
        if (row["ENTITY_TYPE"], str(row["ENTITY_ID"])) == (kind, str(record))
    ]


def _everything(rows: Rows) -> Iterator[SafeString]:
    yield SafeString("<h2>Customers</h2>")
    heads = ("Name", "E-mail", "Phone")
    yield table(heads, (_contact(*one) for one in _newest_first(rows["contact"])))
    yield SafeString("<h2>Deals</h2>")
    yield _deals(rows, _newest_first(rows["deal"]))


def _newest_first(rows: Mapping[int, Row]) -> list[tuple[int, Row]]:
    return sorted(rows.items(), reverse=True, key=itemgetter(0))


def _contact(record: int, row: Row) -> tuple[object, ...]:
    shown = link(address("contact", record), name("contact", row))
    return shown, _values(row, "EMAIL"), _values(row, "PHONE")


def _deals(rows: Rows, deals: Iterable[tuple[int, Row]]) -> SafeString:
    return table(
        ("Deal", "Stage", "Sum", "Customer"),
        (
            (
                link(address("deal", record), name("deal", row)),
                row.get("STAGE_ID", ""),
                f"{row.get('OPPORTUNITY', '')} {row.get('CURRENCY_ID', '')}",
                _other(rows, "contact", row),
            )
            for record, row in deals
        ),
    )


def _other(rows: Rows, kind: str, deal: Row) -> SafeString | str:
    """The record that a deal is of."""
    number = str(deal.get(_OF[kind]) or "")
    row = rows[kind].get(int(number)) if number else None
    return link(address(kind, number), name(kind, row)) if row else ""


def _record(
    rows: Rows, products: Mapping[int, Sequence[Row]], kind: str, record: int, row: Row
) -> Iterator[SafeString]:
    if kind == "deal":
        yield _deals(rows, [(record, row)])
        goods = products.get(record, [])
        cells = ((one["PRODUCT_NAME"], one["QUANTITY"], one["PRICE"]) for one in goods)
        yield table(("Goods", "Quantity", "Price"), cells)
    else:
        yield table(("E-mail", "Phone"), [(_values(row, "EMAIL"), _values(row, "PHONE"))])
        theirs = [
            one for one in rows["deal"].items() if str(one[1].get(_OF[kind]) or "") == f"{record}"
        ]
        yield _deals(rows, theirs)
    yield SafeString("<h2>Timeline</h2>")
    for text in timeline(rows, kind, record):
        yield format_html('<p class="said">{}</p>', text)


def _values(row: Row, field: str) -> str:
    return ", ".join(str(one["VALUE"]) for one in row.get(field, []))
