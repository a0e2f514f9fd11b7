"""What an event looks like, as JSON Schema: for whoever writes a system that reads them. Pure.

It grows: a reader passes over members and kinds that he does not know.
"""

from collections.abc import Mapping
from typing import Any

from ..store.orders import OrderStatus
from .event import CRM_CHANGES, Kind

type Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_WHOLE: Schema = {"type": "integer", "minimum": 0}
_MONEY: Schema = {"$ref": "#/$defs/money"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_NULL: Schema = {"type": "null"}


def _object(description: str, /, **members: Schema) -> Schema:
    """An object that has all of these."""
    return {
        "type": "object",
        "description": description,
        "properties": members,
        "required": [*members],
    }


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _told(what: str, of: Schema | None = None) -> Schema:
    return {**(of or _TEXT), "description": what}


_MESSENGER = _told("smsc, telegram, viber, email, and so on.")
_KEY = _told("1C's id of the offer, “product#variant”; empty: 1C does not know the goods.")
_SUMS = {
    "currency": _told("ISO 4217."),
    "total": _told("With tax, after all discounts.", _MONEY),
    "paid": _told("So far, less what was given back.", _MONEY),
}
_STATUS: Schema = {"enum": [status.value for status in OrderStatus]}
_GOODS = {
    "name": _TEXT,
    "variant": _TEXT,
    "sku": _TEXT,
    "key": _KEY,
    "quantity": _WHOLE,
}
_PAYMENT = _object(
    "Money, or a word about it.",
    payment=_told("The shop's id of it."),
    amount=_MONEY,
    currency=_TEXT,
    method=_told("The way to pay, in words."),
    gateway=_told("The plugin or app that took it."),
    reference=_told("The provider's id of it, or 1C's."),
)
_SHIPMENT = _object(
    "Goods that are on their way, or came back.",
    shipment=_told("Its number, or the shop's id of it."),
    tracking=_told("Number of the parcel; may be empty."),
    lines=_list(_object("Goods.", name=_TEXT, quantity=_WHOLE)),
)
_RESERVATION = _object(
    "Units of goods that are held for a cart at a price.",
    reservation=_told("Id of it."),
    cart=_told("The shop's id of the cart."),
    line=_told("The shop's id of the cart's line."),
    variant=_told("The shop's id of the goods."),
    quantity=_WHOLE,
    price=_told("Of one; null: it is not known.", {"anyOf": [_MONEY, _NULL]}),
    currency=_TEXT,
    until=_told("When it ends, or was to end.", _MOMENT),
    reason=_told("Of one that has ended: expired, cancelled, bought, removed, and so on."),
)
#: Kind → what its `data` holds.
_DATA: Mapping[Kind, Schema] = {
    Kind.CUSTOMER_REGISTERED: _object("An account was made; `customer` says whose."),
    Kind.CART_LEFT: _object(
        "A cart that nobody has touched for a while, and whose buyer can be reached.",
        cart=_told("The shop's id of it."),
        touched=_told("When somebody did so last.", _MOMENT),
        currency=_TEXT,
        total=_told("Of the lines that have a price; delivery is not in it.", _MONEY),
        lines=_list(_object("Goods.", **_GOODS, total=_told("Of the line.", _MONEY))),
    ),
    Kind.RESERVATION_MADE: _RESERVATION,
    Kind.RESERVATION_ENDING: _RESERVATION,
    Kind.RESERVATION_ENDED: _RESERVATION,
    Kind.ORDER_PLACED: _object(
        "The order as it is when it is first heard of.",
        **_SUMS,
        status=_STATUS,
        lines=_list(_object("Goods.", **_GOODS, total=_told("Of the line, with tax.", _MONEY))),
        delivery=_told("The way, or the place where it is fetched."),
        delivery_total=_told("With tax.", _MONEY),
    ),
    Kind.ORDER_STATUS: _object("Reached for the first time.", **_SUMS, status=_STATUS),
    Kind.ORDER_PAID: _object("All of it.", **_SUMS),
    Kind.PAYMENT_PROMISED: _PAYMENT,
    Kind.PAYMENT_AUTHORISED: _PAYMENT,
    Kind.PAYMENT_CHARGED: _PAYMENT,
    Kind.PAYMENT_REFUNDED: _PAYMENT,
    Kind.PAYMENT_CHARGED_BACK: _PAYMENT,
    Kind.SHIPMENT_SENT: _SHIPMENT,
    Kind.SHIPMENT_TRACKING: _SHIPMENT,
    Kind.SHIPMENT_CANCELLED: _SHIPMENT,
    Kind.SHIPMENT_RETURNED: _SHIPMENT,
    Kind.RECEIPT_REGISTERED: _object(
        "A fiscal receipt.",
        receipt=_told("Id of it."),
        kind=_told("sell, sell_refund, or a correction."),
        total=_MONEY,
        currency=_TEXT,
        drive=_told("Number of the fiscal drive."),
        document=_told("Number of the fiscal document.", {"type": ["integer", "null"]}),
        sign=_told("Fiscal sign of the document."),
        page=_told("Address of its page for the buyer."),
    ),
    Kind.MESSAGE_SENT: _object(
        "Something was said to the customer; its text is in the journal of messages alone.",
        message=_told("Id of it."),
        channel=_MESSENGER,
        about=_told("Kind of the event that it tells of, or a name of its text."),
        parts=_told("Of an SMS.", _WHOLE),
        cost=_told("As the service says; null: it does not.", {"anyOf": [_MONEY, _NULL]}),
        currency=_told("Of the cost; may be empty."),
    ),
    Kind.MESSAGE_RECEIVED: _object(
        "The customer has said something; its text is in the journal of messages alone.",
        message=_told("Id of it."),
        channel=_MESSENGER,
        command=_told("Of the button that was pressed; may be empty."),
    ),
    Kind.CRM_CHANGED: _object(
        "Sales staff have changed something in a CRM; what they wrote or corrected is not told.",
        system=_told("bitrix24, amocrm, and so on."),
        what=_told("Of the deal, or of the customer.", {"enum": [*CRM_CHANGES]}),
        value=_told("As it is now: the CRM's id of the stage or the person, or the tags."),
        name=_told("The same for people; may be empty."),
    ),
}


def published() -> Schema:
    """Of an event; ``$defs/page`` is that of a page of the feed."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:saleor-1c-plugin:event",
        "title": "Something that has happened between the shop and a customer",
        **_object(
            "Each comes once by its key; in the order of the numbers they are read.",
            number=_told("Its place in the journal.", {"type": "integer", "minimum": 1}),
            key=_told("Unique, and the same for ever."),
            kind={"enum": [kind.value for kind in Kind]},
            at=_told("When it happened, in UTC.", _MOMENT),
            channel=_told("Slug of the sales channel; may be empty."),
            customer=_object(
                "Who it happened to, as far as is known. All empty: he has been forgotten.",
                id=_told("The shop's id of the account; empty: a guest."),
                email=_TEXT,
                phone=_told("E.164, or as it was typed where it is no number."),
                name=_TEXT,
            ),
            order=_object(
                "Empty where there is none.",
                id=_told("The shop's id of it."),
                number=_told("As buyers know it."),
            ),
            data={"type": "object"},
        ),
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind.value}}},
                "then": {"properties": {"data": {"$ref": f"#/$defs/{kind.value}"}}},
            }
            for kind in Kind
        ],
        "$defs": {
            "money": {
                "type": "string",
                "pattern": r"^-?\d+(\.\d+)?$",
                "description": "Text, so that no kopeck is lost: “1290.00”.",
            },
            "page": _object(
                "What the feed answers.",
                events=_list({"$ref": "#"}),
                next=_told("To be given as “after” next time.", _WHOLE),
                last=_told("Number of the newest event.", _WHOLE),
            ),
            **{kind.value: schema for kind, schema in _DATA.items()},
        },
    }
