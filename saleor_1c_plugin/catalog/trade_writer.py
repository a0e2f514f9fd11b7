"""Prices and stock of offers that are in the shop, each only where it differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from ..commerceml.model import Offer
from ..store.ports import CatalogStore, FieldGroup, PriceWrite, StockWrite
from .effects import Effects
from .hashing import of_amounts
from .references import References
from .settings import CatalogSettings


@dataclass(slots=True)
class TradeLine:
    """An offer's prices and stock as 1C tells them now, and the hashes of what was written last."""

    variant_id: str
    product_id: str
    offer: Offer
    hash_price: bytes | None
    hash_stock: bytes | None
    #: Whether anything differed.
    touched: bool = False


class TradeWriter:
    """Writes the prices and the stock of a batch; one object serves one import."""

    def __init__(
        self, store: CatalogStore, settings: CatalogSettings, references: References
    ) -> None:
        self._store = store
        self._settings = settings
        self._references = references

    def write(self, lines: Sequence[TradeLine], effects: Effects) -> None:
        """Write what differs in the caller's transaction, and renew the lines' hashes."""
        if FieldGroup.PRICE in self._settings.owned:
            self._write_prices(lines, effects)
        if FieldGroup.STOCK in self._settings.owned:
            self._write_stocks(lines, effects)

    def _write_prices(self, lines: Sequence[TradeLine], effects: Effects) -> None:
        writes: list[PriceWrite] = []
        trade = self._references.trade
        for line in lines:
            if line.offer.prices is None:
                continue
            prices = trade.prices(line.offer)
            digest = of_amounts(prices)
            if digest == line.hash_price or (not prices and line.hash_price is None):
                continue
            amounts: Mapping[str, Decimal | None] = prices
            if line.hash_price is not None:
                # What 1C no longer gives a price in is off sale there.
                amounts = dict.fromkeys(trade.priced_channels) | prices
            variant_id, product_id = line.variant_id, line.product_id
            writes += [
                PriceWrite(variant_id, product_id, slug, amount) for slug, amount in amounts.items()
            ]
            line.hash_price = digest
            line.touched = True
        if writes:
            effects.follow_ups.add(self._store.write_prices(writes).follow_ups)

    def _write_stocks(self, lines: Sequence[TradeLine], effects: Effects) -> None:
        writes: list[StockWrite] = []
        trade = self._references.trade
        is_free = self._settings.stock_is_free
        for line in lines:
            offer = line.offer
            if offer.stocks is None and offer.quantity is None:
                continue
            stocks = trade.stocks(offer)
            digest = of_amounts(stocks)
            # What is free also moves with the shop's own orders: it is counted every time.
            if digest == line.hash_stock and not is_free:
                continue
            for warehouse_id, quantity in stocks.items():
                # The shop counts whole pieces; below nothing there is nothing to sell.
                whole = max(int(quantity.to_integral_value(ROUND_FLOOR)), 0)
                writes.append(StockWrite(line.variant_id, warehouse_id, whole, is_free))
            line.touched = line.touched or line.hash_stock != digest
            line.hash_stock = digest
        if writes:
            effects.follow_ups.add(self._store.write_stocks(writes).follow_ups)
