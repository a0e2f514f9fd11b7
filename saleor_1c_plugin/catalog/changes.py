"""One changed object on its way into the shop."""

from dataclasses import dataclass, field

from ..commerceml.model import Offer, Product


@dataclass(slots=True)
class ProductChange:
    """A card that differs from what the register knows."""

    item: Product
    raw: bytes
    print: bytes
    line: int = 0


@dataclass(slots=True)
class OfferChange:
    """An offer; `slots` are the parts that came now: slot → (raw, print)."""

    item: Offer
    slots: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    line: int = 0
