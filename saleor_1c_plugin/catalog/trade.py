"""Which channel a price goes to, and which warehouse a quantity."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..commerceml.model import Offer, PriceType
from ..commerceml.model import Warehouse as OnecWarehouse
from ..money import iso_currency, quantize
from ..report import Level, Report
from ..store.ports import ChannelInfo, WarehouseInfo
from .hashing import canonical
from .settings import ANY, CatalogSettings


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Something that can't be placed, and why: aggregated, so that a file gives one line each."""

    kind: str
    id: str
    reason: str


class TradeMap:
    """Places prices in channels and quantities in warehouses, as set or where one choice is left.

    Parameters
    ----------
    settings
        The merchant's mappings by 1C's id or name; ``*`` for the rest.
    channels, warehouses
        What the shop has.
    price_types, onec_warehouses
        What 1C has told so far.
    """

    def __init__(
        self,
        settings: CatalogSettings,
        channels: Sequence[ChannelInfo],
        warehouses: Sequence[WarehouseInfo],
        price_types: Iterable[PriceType],
        onec_warehouses: Iterable[OnecWarehouse],
    ) -> None:
        self._settings = settings
        self._channels = {channel.slug: channel for channel in channels}
        self._warehouses = {warehouse.slug: warehouse.id for warehouse in warehouses}
        self._price_types = {price_type.id: price_type for price_type in price_types}
        self._warehouse_names = {item.id: item.name for item in onec_warehouses}
        self._channels_of: dict[str, tuple[ChannelInfo, ...]] = {}
        self._warehouses_of: dict[str, tuple[str, ...]] = {}
        #: Salt of the offers' prints: a type, channel or warehouse that is new, or has another
        #: name or currency, may place what had no place.
        self.digest = canonical(
            [
                settings.digest.hex(),
                self._channels,
                self._warehouses,
                self._price_types,
                self._warehouse_names,
            ]
        )
        self.unplaced: Counter[Unplaced] = Counter()
        self._prices_named = _casefolded(settings.price_types)
        self._warehouses_named = _casefolded(settings.warehouses)
        self._single = self._single_types()
        named = {slug for targets in settings.price_types.values() for slug in targets}
        single = {slug for targets in self._single.values() for slug in targets}
        self._priced = tuple(sorted((named | single) & self._channels.keys()))
        #: The shop's warehouses that 1C speaks for: one that it does not mention holds nothing.
        self._governed = self._governed_warehouses()

    @property
    def priced_channels(self) -> tuple[str, ...]:
        """The channels that 1C sets prices in; those of the others are the editors'."""
        return self._priced

    def prices(self, offer: Offer) -> dict[str, Decimal]:
        """Amount per base unit by channel slug, in the channel's currency."""
        placed: dict[str, tuple[tuple[bool, Decimal, bool], str, Decimal]] = {}
        for price in offer.prices or ():
            if price.amount < 0:
                self.unplaced[Unplaced("price_type", price.type_id, "negative")] += 1
                continue
            if not price.amount and not self._settings.zero_price:
                self.unplaced[Unplaced("price_type", price.type_id, "zero")] += 1
                continue
            price_type = self._price_types.get(price.type_id)
            currency = iso_currency(price.currency or (price_type.currency if price_type else ""))
            channels = self._channels_for(price.type_id)
            if not channels:
                self.unplaced[Unplaced("price_type", price.type_id, "unmapped")] += 1
                continue
            exact = self._is_named(price.type_id)
            matching = [channel for channel in channels if currency in ("", channel.currency)]
            if not matching and exact:
                self.unplaced[Unplaced("price_type", price.type_id, f"currency:{currency}")] += 1
            elif not matching:
                self.unplaced[Unplaced("price_type", price.type_id, "unmapped")] += 1
            # Saleor has one price a channel: of a type that is named rather than of one that "*"
            # stands for, from the first piece on, and for the base unit.
            rank = (not exact, price.min_quantity or Decimal(0), price.ratio != 1)
            for channel in matching:
                amount = quantize(price.amount / (price.ratio or Decimal(1)), channel.currency)
                winner, loser = (rank, price.type_id, amount), placed.get(channel.slug)
                if loser is not None:
                    winner, loser = (winner, loser) if rank < loser[0] else (loser, winner)
                    if loser[1] != winner[1]:
                        self.unplaced[Unplaced("price_type", loser[1], "taken")] += 1
                    elif loser[0][1] != winner[0][1]:
                        self.unplaced[Unplaced("price_type", loser[1], "quantity")] += 1
                placed[channel.slug] = winner
        return {slug: amount for slug, (_, _, amount) in placed.items()}

    def stocks(self, offer: Offer) -> dict[str, Decimal]:
        """Quantity in base units by the shop's warehouse id; all that 1C speaks for are named."""
        placed: dict[str, Decimal] = {}
        if offer.stocks:
            placed = dict.fromkeys(self._governed, Decimal(0))
            for stock in offer.stocks:
                targets = self._warehouses_for(stock.warehouse_id)
                if not targets and stock.quantity:
                    self.unplaced[Unplaced("warehouse", stock.warehouse_id, "unmapped")] += 1
                for target in targets:
                    placed[target] = placed.get(target, Decimal(0)) + stock.quantity
        elif offer.quantity is not None:
            total = self._default_warehouse()
            if total is None:
                self.unplaced[Unplaced("warehouse", "", "default")] += 1
            else:
                placed[total] = offer.quantity
        elif offer.stocks is not None:
            placed = dict.fromkeys(self._governed, Decimal(0))
        return placed

    def tell(self, report: Report) -> None:
        """Journal whatever could not be placed since the last time, a line each."""
        for unplaced, times in self.unplaced.items():
            report.problem(
                Level.INFO if unplaced.reason in ("quantity", "taken", "zero") else Level.WARNING,
                self._explain(unplaced, times),
                kind=unplaced.kind,
                object_id=unplaced.id,
                name=self._name(unplaced),
            )
        self.unplaced.clear()

    def _explain(self, item: Unplaced, times: int) -> str:
        name = self._name(item) or item.id
        if item.kind == "warehouse":
            if item.reason == "default":
                return (
                    f"1С прислала общий остаток без склада, а склад по умолчанию не задан: "
                    f"{times} остатков не загружено. Задайте настройку «Склад по умолчанию»."
                )
            return (
                f"Склад «{name}» не сопоставлен ни с одним складом магазина: {times} остатков "
                f"не загружено. Добавьте его в настройку «Склады»."
            )
        if item.reason == "zero":
            return f"Тип цен «{name}»: нулевые цены не загружаются, товар не продаётся ({times})."
        if item.reason == "negative":
            return f"Тип цен «{name}»: отрицательные цены не загружаются ({times})."
        if item.reason == "taken":
            return (
                f"Тип цен «{name}»: {times} цен не загружено, в канале уже есть цена другого типа. "
                f"Назначьте типам каналы в настройке «Типы цен»."
            )
        if item.reason == "quantity":
            return (
                f"Тип цен «{name}»: цены от количества магазин не хранит, взята цена за "
                f"наименьшее количество ({times})."
            )
        if item.reason.startswith("currency:"):
            return (
                f"Тип цен «{name}»: валюта {item.reason[9:]} не совпадает с валютой канала, "
                f"{times} цен не загружено."
            )
        return (
            f"Тип цен «{name}» не сопоставлен ни с одним каналом: {times} цен не загружено. "
            f"Добавьте его в настройку «Типы цен»."
        )

    def _name(self, item: Unplaced) -> str:
        if item.kind == "warehouse":
            return self._warehouse_names.get(item.id, "")
        price_type = self._price_types.get(item.id)
        return price_type.name if price_type else ""

    def _is_named(self, type_id: str) -> bool:
        return bool(self._named_channels(type_id)) or type_id in self._single

    def _named_channels(self, type_id: str) -> tuple[str, ...]:
        price_type = self._price_types.get(type_id)
        return _by_id_or_name(self._prices_named, type_id, price_type.name if price_type else "")

    def _channels_for(self, type_id: str) -> tuple[ChannelInfo, ...]:
        known = self._channels_of.get(type_id)
        if known is None:
            slugs = (
                self._named_channels(type_id)
                or self._single.get(type_id, ())
                or self._settings.price_types.get(ANY, ())
            )
            known = tuple(self._channels[slug] for slug in slugs if slug in self._channels)
            self._channels_of[type_id] = known
        return known

    def _single_types(self) -> dict[str, tuple[str, ...]]:
        """Without any setting, the only price type in a channel's currency is the channel's."""
        if self._settings.price_types:
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for channel in self._channels.values():
            same = [
                price_type.id
                for price_type in self._price_types.values()
                if not price_type.deleted and iso_currency(price_type.currency) == channel.currency
            ]
            if len(same) == 1:
                found[same[0]] = (*found.get(same[0], ()), channel.slug)
        return found

    def _warehouses_for(self, warehouse_id: str) -> tuple[str, ...]:
        known = self._warehouses_of.get(warehouse_id)
        if known is None:
            slugs = _by_id_or_name(
                self._warehouses_named, warehouse_id, self._warehouse_names.get(warehouse_id, "")
            ) or self._settings.warehouses.get(ANY, ())
            known = tuple(self._warehouses[slug] for slug in slugs if slug in self._warehouses)
            if not self._settings.warehouses and len(self._warehouses) == 1:
                known = tuple(self._warehouses.values())
            self._warehouses_of[warehouse_id] = known
        return known

    def _default_warehouse(self) -> str | None:
        if self._settings.default_warehouse:
            return self._warehouses.get(self._settings.default_warehouse)
        everything = self._settings.warehouses.get(ANY, ())
        if len(everything) == 1:
            return self._warehouses.get(everything[0])
        return next(iter(self._warehouses.values())) if len(self._warehouses) == 1 else None

    def _governed_warehouses(self) -> tuple[str, ...]:
        slugs = {slug for targets in self._settings.warehouses.values() for slug in targets}
        if not self._settings.warehouses and len(self._warehouses) == 1:
            slugs = set(self._warehouses)
        return tuple(sorted(self._warehouses[slug] for slug in slugs if slug in self._warehouses))


def _casefolded(mapping: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name.casefold(): targets for name, targets in mapping.items() if name != ANY}


def _by_id_or_name(
    mapping: Mapping[str, tuple[str, ...]], onec_id: str, name: str
) -> tuple[str, ...]:
    return mapping.get(onec_id.casefold()) or mapping.get(name.casefold()) or ()
