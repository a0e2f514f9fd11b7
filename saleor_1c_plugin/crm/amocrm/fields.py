"""Records of amoCRM's as we write and read them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ..adapter import Company, Contact, Deal, Row
from ..phones import digits, spellings
from .directory import GOODS, INN, KEY, KPP, ONEC_ID

_MOST_GOODS = 10_000
#: Of a name.
_MOST_NAME = 250

type Json = Mapping[str, Any]


def field(code: str, *values: Json) -> dict[str, Any]:
    return {"field_code": code, "values": list(values)}


def text(code: str, value: str) -> dict[str, Any]:
    return field(code, {"value": value})


def new_contact(contact: Contact) -> dict[str, Any]:
    fields = [text(KEY, contact.key)]
    if contact.onec_id:
        fields.append(text(ONEC_ID, contact.onec_id))
    if contact.email:
        fields.append(field("EMAIL", {"value": contact.email, "enum_code": "PRIV"}))
    if contact.phone:
        fields.append(field("PHONE", {"value": contact.phone, "enum_code": "MOB"}))
    names = {
        "first_name": contact.given_name[:_MOST_NAME],
        "last_name": contact.last_name[:_MOST_NAME],
    }
    return {**names, "custom_fields_values": fields}


def lacking(contact: Contact, there: Json) -> dict[str, Any]:
    """What a contact does not have yet; what people have written stays.

    A field of several values is written as a whole: what it has goes along.
    """
    fields = []
    emails = {value.strip().lower() for value in values(there, "EMAIL")}
    if contact.email and contact.email not in emails:
        added = {"value": contact.email, "enum_code": "PRIV"}
        fields.append(field("EMAIL", *_kept(there, "EMAIL"), added))
    known = {digits(value) for value in values(there, "PHONE")}
    if contact.phone and not {digits(one) for one in spellings(contact.phone, bare=True)} & known:
        added = {"value": contact.phone, "enum_code": "MOB"}
        fields.append(field("PHONE", *_kept(there, "PHONE"), added))
    if contact.onec_id and not values(there, ONEC_ID):
        fields.append(text(ONEC_ID, contact.onec_id))
    return {
        **_lacking_names(contact, there),
        **({"custom_fields_values": fields} if fields else {}),
    }


def _lacking_names(contact: Contact, there: Json) -> dict[str, str]:
    name, first, last = (str(there.get(key) or "") for key in ("name", "first_name", "last_name"))
    if name in (contact.stands_for_name, contact.email, contact.phone):
        # We have made it when the name was not known.
        name = first = ""
    if contact.last_name and not last and contact.last_name not in name:
        # A contact that somebody made in haste has its whole name in `name`.
        first = first or name or contact.first_name
        return {"first_name": first[:_MOST_NAME], "last_name": contact.last_name[:_MOST_NAME]}
    if contact.first_name and not name and not first:
        return {"first_name": contact.first_name[:_MOST_NAME]}
    return {}


def new_company(company: Company) -> dict[str, Any]:
    fields = [text(KEY, company.key), text(INN, company.inn)]
    if company.kpp:
        fields.append(text(KPP, company.kpp))
    return {"name": company.name[:_MOST_NAME], "custom_fields_values": fields}


def deal(deal: Deal, currency: str) -> dict[str, Any]:
    """What is written of an order each time.

    Parameters
    ----------
    currency
        Of the account: it has but one, and sums in another one would be taken for it.
    """
    made: dict[str, Any] = {
        "name": deal.title[:_MOST_NAME],
        "custom_fields_values": [text(GOODS, goods(deal))],
    }
    if not currency or deal.currency == currency:
        # Without kopecks: amoCRM has none.
        made["price"] = int(deal.total.quantize(Decimal(1), ROUND_HALF_UP))
    return made


def goods(deal: Deal) -> str:
    """What is in an order, and its sum to the kopeck."""
    lines = [f"{row.name} × {row.quantity} × {row.price:.2f}" for row in deal.rows]
    total = f"= {deal.total:.2f} {deal.currency}"
    while lines and len("\n".join([*lines, total])) > _MOST_GOODS:
        lines = [*lines[:-2], "…"] if len(lines) > 1 else []
    return "\n".join([*lines, total])


def pieces(rows: Sequence[Row]) -> dict[str, int]:
    """Name of a product → how many of it."""
    found: dict[str, int] = {}
    for row in rows:
        found[row.name] = found.get(row.name, 0) + row.quantity
    return found


def emptied(there: Json) -> dict[str, Any]:
    """A contact without anything that tells who it is."""
    fields = [
        {"field_id": row["field_id"], "values": None}
        for row in there.get("custom_fields_values") or ()
        if isinstance(row, Mapping) and "field_id" in row
    ]
    return {
        "name": "—",
        "first_name": "—",
        "last_name": "",
        "custom_fields_values": fields,
        "_embedded": {"tags": None},
    }


def is_emptied(there: Json) -> bool:
    return there.get("name") == "—" and not there.get("custom_fields_values")


def values(there: Json, code: str) -> list[str]:
    """Of a field."""
    return [str(one.get("value") or "") for one in _values(there, code)]


def has(there: Json, value: str) -> bool:
    """Whether any field is, or has inside it, this very value: an ИНН has many places."""
    for row in there.get("custom_fields_values") or ():
        for one in row.get("values") or ():
            found = one.get("value") if isinstance(one, Mapping) else None
            inside = found.values() if isinstance(found, Mapping) else (found,)
            if value in (str(part).strip() for part in inside):
                return True
    return False


def tags(there: Json) -> tuple[str, ...]:
    inside = there.get("_embedded")
    found = inside.get("tags") if isinstance(inside, Mapping) else None
    return tuple(str(one.get("name") or "") for one in found or () if isinstance(one, Mapping))


def _values(there: Json, code: str) -> Iterator[Json]:
    for row in there.get("custom_fields_values") or ():
        if isinstance(row, Mapping) and str(row.get("field_code") or "").upper() == code:
            for one in row.get("values") or ():
                if isinstance(one, Mapping):
                    yield one


def _kept(there: Json, code: str) -> list[dict[str, Any]]:
    """As it goes back: the kind of an address is named once, by its number where it has one."""
    kept = []
    for one in _values(there, code):
        same = {"value": one.get("value")}
        if one.get("enum_id"):
            same["enum_id"] = one["enum_id"]
        elif one.get("enum_code"):
            same["enum_code"] = one["enum_code"]
        kept.append(same)
    return kept
