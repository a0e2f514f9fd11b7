"""Who gets the receipt, and where."""

import re
from collections.abc import Iterator, Mapping

from ...store.orders import Order
from ...tax_numbers import is_inn
from .document import Buyer
from .goods import one_line, short

#: Of an address that a receipt can be sent to (1008) the form, and the most signs.
_EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>.]{2,}")
EMAIL = 64
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_TAX_NUMBER = ("inn", "инн")


def is_email(text: str) -> bool:
    return len(text) <= EMAIL and _EMAIL.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Whether it is a number in the form E.164."""
    return _PHONE.fullmatch(text) is not None


def phone(text: str) -> str:
    """A number as people write it, in the form E.164; Russia's where it names no country."""
    digits = "".join(sign for sign in text if sign.isascii() and sign.isdigit())
    if text.strip().startswith("+"):
        return f"+{digits}"
    if len(digits) == 11 and digits[0] in "78":
        return f"+7{digits[1:]}"
    return f"+7{digits}" if len(digits) == 10 and digits[0] == "9" else digits


def buyer_of(order: Order) -> Buyer:
    """The order's buyer; what is not well-formed is left out, so that the rest still serves.

    A company is named with its tax number, a person is not: the law asks for no more.
    """
    email = order.buyer.email.strip()
    addresses = [address for address in (order.billing, order.shipping) if address]
    phones = [found for address in addresses if is_phone(found := phone(address.phone))]
    tax_number = next(filter(is_inn, _tax_numbers(order)), "")
    company = one_line(order.billing.company) if order.billing else ""
    return Buyer(
        email if is_email(email) else "",
        phones[0] if phones else "",
        short(company) if tax_number else "",
        tax_number,
    )


def _tax_numbers(order: Order) -> Iterator[str]:
    sources: list[Mapping[str, str]] = [order.metadata, order.buyer.metadata]
    if order.billing:
        sources.insert(0, order.billing.metadata)
    for source in sources:
        for key, value in source.items():
            if key.casefold().removeprefix("onec.").strip(" ._-") in _TAX_NUMBER:
                yield value.replace(" ", "")
