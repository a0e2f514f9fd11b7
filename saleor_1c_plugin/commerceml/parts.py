"""An offer's card, prices and stock apart: each changes at its own pace, in whatever file it comes.

The daily bulk of an exchange is prices and stock of offers whose card is as it was.
"""

from xml.sax.saxutils import escape

from lxml import etree

from . import trade
from .draft import Draft
from .goods import CARD, OfferPart
from .model import Offer
from .names import NAMES
from .unreadable import is_deleted


def split(element: etree._Element, own_id: str) -> dict[OfferPart, bytes]:
    """The parts that a ``Предложение`` tells, each as bytes of a small one of its own.

    A deletion mark belongs to the card; an offer that tells nothing at all is a card too.
    """
    found: dict[OfferPart, bytes] = {}
    told: list[etree._Element] = []
    card = False
    for child in element:
        name = NAMES[child.tag]
        if name in trade.READERS:
            part: OfferPart = "price" if name == trade.PRICES else "stock"
            found[part] = found.get(part, b"") + _bytes(child)
            told.append(child)
        elif name in CARD:
            card = True
    if not told:
        return {"card": _bytes(element)}
    head = f"<Предложение><Ид>{escape(own_id)}</Ид>".encode()
    tail = "</Предложение>".encode()
    parts = {part: head + raw + tail for part, raw in found.items()}
    if card or is_deleted(element):
        for child in told:
            element.remove(child)
        parts["card"] = _bytes(element)
        element.extend(told)
    return parts


def read_trade(element: etree._Element, own_id: str) -> Offer:
    """Prices and stock of a ``Предложение``, without its card.

    Raises
    ------
    Unreadable
        A number in them cannot be read.
    """
    draft = Draft()
    for child in element:
        read = trade.READERS.get(NAMES[child.tag])
        if read is not None:
            read(draft, child)
    return Offer(
        id=own_id,
        has_card=False,
        prices=None if draft.prices is None else tuple(draft.prices),
        stocks=None if draft.stocks is None else tuple(draft.stocks),
        quantity=draft.quantity,
    )


def _bytes(element: etree._Element) -> bytes:
    return etree.tostring(element, encoding="UTF-8", with_tail=False)
