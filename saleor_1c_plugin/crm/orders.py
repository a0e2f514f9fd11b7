"""An order as a deal of a CRM's, with the company that pays."""

from dataclasses import replace

from ..store.orders import Order
from . import portraits, timeline
from .adapter import Deal
from .mirror import Mirror


def deal_of(mirror: Mirror, order: Order, contact: str) -> Deal:
    """The deal; its company is made where it is new.

    Parameters
    ----------
    contact
        Id of the buyer there.
    """
    title = timeline.title(order.number, mirror.settings.language)
    payer = portraits.company(order)
    company = mirror.company(payer) if payer else ""
    made = portraits.deal(order, title, mirror.stages)
    return replace(made, contact=contact, company=company)
