"""A card of goods while it is being read."""

from decimal import Decimal

from .model import Characteristic, Picture, Price, PropertyValue, Stock, TaxRate, Unit


class Draft:
    """What has been read of a card so far."""

    __slots__ = (
        "barcodes",
        "characteristics",
        "deleted",
        "groups",
        "has_card",
        "html",
        "pictures",
        "prices",
        "properties",
        "quantity",
        "requisites",
        "stocks",
        "taxes",
        "texts",
        "unit",
        "units",
        "weight",
    )

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.barcodes: list[str] = []
        self.unit: Unit | None = None
        self.units: list[Unit] = []
        self.groups: list[str] = []
        self.html = ""
        self.pictures: list[Picture] | None = None
        self.properties: list[PropertyValue] = []
        self.characteristics: list[Characteristic] = []
        self.requisites: list[tuple[str, str]] = []
        self.taxes: list[TaxRate] = []
        self.prices: list[Price] | None = None
        self.stocks: list[Stock] | None = None
        self.quantity: Decimal | None = None
        self.weight: Decimal | None = None
        self.deleted = False
        self.has_card = False
