"""Customers, companies and orders as RetailCRM writes them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..adapter import Company, Contact, Deal, Row
from ..phones import comparable
from .settings import RetailCrmSettings

type Fields = Mapping[str, Any]

#: Whose the ids of an order's rows are.
_OURS = "saleor1c"
#: Of sole traders.
_LONG_INN = 12


def customer(settings: RetailCrmSettings, contact: Contact) -> dict[str, Any]:
    """A new one."""
    fields: dict[str, Any] = {
        "externalId": contact.key,
        "firstName": contact.given_name,
        "lastName": contact.last_name,
        "email": contact.email,
    }
    if contact.phone:
        fields["phones"] = [{"number": contact.phone}]
    if settings.onec_field and contact.onec_id:
        fields["customFields"] = {settings.onec_field: contact.onec_id}
    return fields | in_charge(settings)


def lacking(settings: RetailCrmSettings, contact: Contact, there: Fields) -> dict[str, Any]:
    """Fields that are not there yet; what people have written stays.

    There is room for one e-mail. Phones are told with those that are there already: so nothing is
    lost, whether they are added or stand for all of them.
    """
    fields: dict[str, Any] = {}
    for name, value in (
        ("firstName", contact.first_name),
        ("lastName", contact.last_name),
        ("email", contact.email),
    ):
        if value and not there.get(name):
            fields[name] = value
    known = numbers(there)
    if contact.phone and comparable(contact.phone) not in map(comparable, known):
        fields["phones"] = [{"number": number} for number in (*known, contact.phone)]
    own = there.get("customFields")
    has_onec = isinstance(own, Mapping) and own.get(settings.onec_field)
    if settings.onec_field and contact.onec_id and not has_onec:
        fields["customFields"] = {settings.onec_field: contact.onec_id}
    return fields


def corporate(settings: RetailCrmSettings, company: Company) -> dict[str, Any]:
    """A new corporate customer with its company."""
    details = {
        "contragentType": "enterpreneur" if len(company.inn) == _LONG_INN else "legal-entity",
        "legalName": company.name,
        "INN": company.inn,
    }
    if company.kpp:
        details["KPP"] = company.kpp
    legal = {
        "externalId": company.key,
        "name": company.name,
        "isMain": True,
        "contragent": details,
    }
    fields = {"externalId": company.key, "nickName": company.name, "companies": [legal]}
    return fields | in_charge(settings)


def order(
    settings: RetailCrmSettings, deal: Deal, buyer: Fields, offers: Mapping[str, int]
) -> dict[str, Any]:
    """A new one.

    Parameters
    ----------
    buyer
        The customer there: an order has how to reach him of its own.
    offers
        1C's id → id of the offer in the catalogue there.
    """
    fields: dict[str, Any] = {
        "externalId": deal.key,
        "number": deal.number or deal.title,
        "firstName": buyer.get("firstName") or "",
        "lastName": buyer.get("lastName") or "",
        "email": buyer.get("email") or "",
        "phone": next(iter(numbers(buyer)), ""),
        "items": list(items(deal, offers)),
    }
    if deal.placed:
        fields["createdAt"] = f"{deal.placed.astimezone(settings.zone):%Y-%m-%d %H:%M:%S}"
    corporate_id, _slash, company_id = deal.company.partition("/")
    if corporate_id:
        fields["customer"] = {"type": "customer_corporate", "id": int(corporate_id)}
        fields["contact"] = {"id": int(deal.contact)}
        fields["company"] = {"id": int(company_id)}
    elif deal.contact:
        fields["customer"] = {"id": int(deal.contact)}
    if cost := delivery_cost(deal):
        fields["delivery"] = {"cost": cost}
    if deal.stage:
        fields["status"] = deal.stage
    if settings.payment_type and deal.paid > 0:
        fields["payments"] = [payment(settings, deal)]
    return fields | in_charge(settings)


def changes(deal: Deal, there: Fields, offers: Mapping[str, int]) -> dict[str, Any]:
    """What has to be changed in an order; rows that people have added there stay."""
    fields: dict[str, Any] = {}
    wanted = list(items(deal, offers))
    rows = _rows(there.get("items"))
    ours = {place: row for row in rows if (place := _place(row))}
    if len(ours) != len(wanted) or not all(_is_same(ours.get(_place(one)), one) for one in wanted):
        added = [{"id": row["id"]} for row in rows if "id" in row and not _place(row)]
        known = [
            {**one, **({"id": ours[place]["id"]} if (place := _place(one)) in ours else {})}
            for one in wanted
        ]
        fields["items"] = [*known, *added]
    delivery = there.get("delivery")
    cost = delivery.get("cost") if isinstance(delivery, Mapping) else None
    if Decimal(str(cost or 0)) != delivery_cost(deal):
        fields["delivery"] = {"cost": delivery_cost(deal)}
    if deal.stage and deal.stage != there.get("status"):
        fields["status"] = deal.stage
    return fields


def items(deal: Deal, offers: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Rows of the goods, each with an id of ours: by its place."""
    goods = [row for row in deal.rows if not row.is_delivery]
    for place, row in enumerate(goods, 1):
        offer = offers.get(row.onec_id)
        yield {
            "externalIds": [{"code": _OURS, "value": f"{deal.key}:{place}"}],
            **({"offer": {"id": offer}} if offer else {}),
            "productName": row.name,
            "initialPrice": row.price,
            "quantity": row.quantity,
            **_tax(row),
        }


def delivery_cost(deal: Deal) -> Decimal:
    costs = [row.price * row.quantity for row in deal.rows if row.is_delivery]
    return sum(costs, Decimal(0))


def payment(settings: RetailCrmSettings, deal: Deal) -> dict[str, Any]:
    """All that has been paid for an order: one payment, whose amount follows."""
    return {
        "externalId": payment_key(deal),
        "type": settings.payment_type,
        "status": settings.payment_status,
        "amount": deal.paid,
    }


def payment_key(deal: Deal) -> str:
    return f"{deal.key}:paid"


def amount(there: Fields) -> Decimal:
    """Of a payment."""
    return Decimal(str(there.get("amount") or 0))


def in_charge(settings: RetailCrmSettings) -> dict[str, Any]:
    return {"managerId": settings.manager} if settings.manager else {}


def numbers(there: Fields) -> list[str]:
    """A customer's phones."""
    return [str(row["number"]) for row in _rows(there.get("phones")) if row.get("number")]


def _rows(found: Any) -> Sequence[Fields]:
    rows = found.values() if isinstance(found, Mapping) else found or []
    return [row for row in rows if isinstance(row, Mapping)]


def _place(row: Fields) -> str:
    """Id of a row that we have made; ``""``: it is somebody else's."""
    ids = _rows(row.get("externalIds"))
    return next((str(one.get("value")) for one in ids if one.get("code") == _OURS), "")


def _is_same(there: Fields | None, wanted: Fields) -> bool:
    """Whether a row is as it should be; goods of the catalogue are called as they are there."""
    if there is None:
        return False
    numbers = ("initialPrice", "quantity")
    names = {there.get("productName") or wanted["productName"], wanted["productName"]}
    return len(names) == 1 and all(
        Decimal(str(there.get(one) or 0)) == Decimal(str(wanted[one])) for one in numbers
    )


def _tax(row: Row) -> dict[str, str]:
    return {} if row.tax_percent is None else {"vatRate": f"{row.tax_percent:f}"}
