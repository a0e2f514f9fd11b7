"""What can happen to a customer: the words in which every other system is told of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """Kinds of events; published in the JSON Schema, so that none is ever renamed."""

    CUSTOMER_REGISTERED = "customer.registered"
    #: Somebody has filled a cart, has told how to be reached, and has not ordered.
    CART_LEFT = "cart.left"
    RESERVATION_MADE = "reservation.made"
    #: It ends soon: the buyer may extend it.
    RESERVATION_ENDING = "reservation.ending"
    RESERVATION_ENDED = "reservation.ended"
    ORDER_PLACED = "order.placed"
    #: It has reached a status for the first time; `data` has it.
    ORDER_STATUS = "order.status"
    #: All of it is paid.
    ORDER_PAID = "order.paid"
    #: The buyer has said how the order will be paid: nothing has moved.
    PAYMENT_PROMISED = "payment.promised"
    PAYMENT_AUTHORISED = "payment.authorised"
    PAYMENT_CHARGED = "payment.charged"
    PAYMENT_REFUNDED = "payment.refunded"
    PAYMENT_CHARGED_BACK = "payment.charged_back"
    SHIPMENT_SENT = "shipment.sent"
    #: The buyer can follow the parcel: by this number from now on.
    SHIPMENT_TRACKING = "shipment.tracking"
    SHIPMENT_CANCELLED = "shipment.cancelled"
    SHIPMENT_RETURNED = "shipment.returned"
    RECEIPT_REGISTERED = "receipt.registered"
    #: To the customer, by one of our channels.
    MESSAGE_SENT = "message.sent"
    #: From the customer.
    MESSAGE_RECEIVED = "message.received"
    #: Sales staff have changed something in a CRM; `data` has what.
    CRM_CHANGED = "crm.changed"


#: What can be changed in a CRM.
CRM_CHANGES = ("stage", "responsible", "tags", "comment", "contact")


@dataclass(frozen=True, slots=True)
class Customer:
    """Who it happened to, as far as is known. A guest has no `id`."""

    id: str = ""
    email: str = ""
    #: E.164, or as it was typed where it is no number.
    phone: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened, once.

    `data` is plain JSON; money in it is text, with the currency beside it, and time is ISO 8601 in
    UTC. It holds nothing that tells who the customer is: that can be erased.
    """

    #: The same for ever, and unique: "<order's id>:payment:<payment's id>".
    key: str
    kind: Kind
    at: datetime
    customer: Customer = field(default_factory=Customer)
    #: Slug.
    channel: str = ""
    order_id: str = ""
    order_number: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
