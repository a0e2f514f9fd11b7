"""The buyer as 1C's counterparty: a person, or a company."""

from uuid import UUID, uuid5

from ...commerceml.documents import Contact, Counterparty, Representative
from ...store.orders import Address, Order
from .addresses import postal_address
from .taxpayer import tax_payer
from .text import one_line

#: Of the ids that are made here: the same thing of the shop's has the same one in every document.
NAMESPACE = UUID("5d6f1c1c-7f53-4b57-9f0e-1c0a4f5e7a11")


def counterparty(order: Order, onec_id: str) -> Counterparty:
    """Who buys: a company where its name or its ten-digit ИНН is given, a person otherwise.

    A sole trader (twelve digits) is a person in 1C, whatever the firm is called. The numbers are
    read from the order's metadata, then the billing address's, then the buyer's.
    """
    billing, shipping = order.billing or Address(), order.shipping or Address()
    payer = tax_payer((order.metadata, billing.metadata, order.buyer.metadata))
    first, last = _names(order, billing, shipping)
    person = one_line(f"{last} {first}")
    company = one_line(billing.company)
    is_company = len(payer.inn) == 10 or bool(company and not payer.inn)
    email = one_line(order.buyer.email)
    phones = dict.fromkeys(filter(None, map(one_line, (shipping.phone, billing.phone))))
    # 1C refuses an order whose buyer has no name.
    name = company or person or email or next(iter(phones), "") or "Покупатель"
    phone_kind = "Телефон рабочий" if is_company else "Телефон мобильный"
    contacts = [Contact("Почта", email)] if email else []
    contacts += [Contact(phone_kind, phone) for phone in phones]
    representatives: tuple[Representative, ...] = ()
    if is_company and person:
        contact_id = uuid5(NAMESPACE, f"contact\n{onec_id}\n{person}".encode(errors="replace"))
        representatives = (Representative(str(contact_id), person),)
    registered = address = postal_address(order.billing)
    if order.shipping not in (None, order.billing):
        address = postal_address(order.shipping)
    return Counterparty(
        id=onec_id,
        name=name,
        full_name=name,
        is_company=is_company,
        first_name="" if is_company else first,
        last_name="" if is_company else last,
        inn=payer.inn,
        kpp=payer.kpp,
        ogrn=payer.ogrn,
        registered=registered,
        address=address,
        contacts=tuple(contacts),
        representatives=representatives,
        comment=payer.wrong,
    )


def _names(order: Order, billing: Address, shipping: Address) -> tuple[str, str]:
    for holder in (billing, shipping, order.buyer):
        names = one_line(holder.first_name), one_line(holder.last_name)
        if any(names):
            return names
    return "", ""
