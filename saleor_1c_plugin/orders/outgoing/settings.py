"""What the merchant sets about the documents that go out to 1C."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from ...commerceml.documents import DocumentWarehouse
from ...configuration import Configuration, load, require_existing
from ...store import current_store
from ..incoming.settings import PLUGIN, SWITCHED_OFF

SCHEMAS = ("2.08", "2.09", "3.1")
MAX_PORTION = 100_000
_MOSCOW = ZoneInfo("Europe/Moscow")
#: 1C's names of ids: a warehouse that is named otherwise has only a name.
_GUID = 36


@dataclass(frozen=True, slots=True)
class OutgoingSettings:
    """Settings of the documents for 1C."""

    #: Empty: as 1C asks, and the oldest where it doesn't.
    schema: str = ""
    #: Orders in one answer.
    portion: int = 1000
    #: Orders made earlier are not sent; ``None``: those from before the plugin was switched on.
    since: date | None = None
    #: Slugs; empty: all.
    channels: frozenset[str] = frozenset()
    only_paid: bool = False
    zone: ZoneInfo = _MOSCOW
    #: ISO 4217 → units of the national currency.
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    #: Slug of the shop's warehouse → 1C's.
    warehouses: Mapping[str, DocumentWarehouse] = field(default_factory=dict)
    #: Address of 1C's HTTP service; empty: 1C comes and asks.
    push_url: str = ""
    push_secret: str = field(default="", repr=False)

    @property
    def since_moment(self) -> datetime | None:
        """The first moment of `since` in the shop's zone, in UTC."""
        if self.since is None:
            return None
        return datetime.combine(self.since, time.min, self.zone).astimezone(UTC)

    @property
    def wanted(self) -> str:
        """Changes when the choice of orders for 1C does."""
        chosen = (self.since_moment, sorted(self.channels), self.only_paid)
        return sha256(repr(chosen).encode()).hexdigest()

    @classmethod
    def load(cls) -> "OutgoingSettings":
        """Settings as saved in the shop.

        Raises
        ------
        SettingsError
            They can't be used; in Russian, for it is 1C's operator who reads that.
        """
        return load(PLUGIN, SWITCHED_OFF, _read)

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "OutgoingSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            schema=_schema(values),
            portion=values.whole("portion", default.portion, MAX_PORTION),
            since=_day(values, "since"),
            channels=frozenset(values.text("channels").replace(",", " ").split()),
            only_paid=values.flag("only_paid", default.only_paid),
            zone=values.zone("time_zone", default.zone),
            rates=_rates(values),
            warehouses=_warehouses(values),
            push_url=values.url("push_url"),
            push_secret=values.verbatim("push_secret"),
        )
        if settings.push_url and not settings.push_secret:
            values.refuse("push_secret", _("Set a key: 1C knows by it that the store is speaking."))
        values.check()
        return settings

    def require_existing(self, channels: Collection[str], warehouses: Collection[str]) -> None:
        """Say whether the shop has what the settings name.

        Parameters
        ----------
        channels, warehouses
            Slugs of the shop's.

        Raises
        ------
        SettingsError
            It hasn't.
        """
        require_existing(
            {"channels": sorted(self.channels)},
            channels,
            {"warehouses": self.warehouses},
            warehouses,
        )


def _read(saved: Mapping[str, object]) -> OutgoingSettings:
    if not saved.get("warehouses"):
        # The catalogue's list says the same, the other way round.
        catalog = current_store().configuration("catalog") or {}
        saved = {**saved, "warehouses": catalog.get("warehouses")}
    return OutgoingSettings.from_configuration(saved)


def _schema(values: Configuration) -> str:
    text = values.text("schema").lower()
    if text in ("", "auto"):
        return ""
    if text not in SCHEMAS:
        values.refuse("schema", _("The version is auto, 2.08, 2.09 or 3.1."))
    return text


def _day(values: Configuration, key: str) -> date | None:
    text = values.text(key)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        values.refuse(key, _("Write the day as 2026-11-25."))
        return None


def _rates(values: Configuration) -> Mapping[str, Decimal]:
    rates = {}
    for currency, (text, *_more) in values.mapping("rates").items():
        try:
            rate = Decimal(text.replace(",", "."))
        except InvalidOperation:
            rate = Decimal(0)
        if not (rate.is_finite() and rate > 0):
            values.refuse("rates", _("“%(value)s” is no rate.") % {"value": text})
        rates[currency.upper()] = rate
    return rates


def _warehouses(values: Configuration) -> Mapping[str, DocumentWarehouse]:
    """1C's warehouse of each of the shop's; of several the first, and never the ``*``."""
    found: dict[str, DocumentWarehouse] = {}
    for name, slugs in values.mapping("warehouses").items():
        if name != "*":
            warehouse = DocumentWarehouse(name if len(name) == _GUID else "", name)
            for slug in slugs:
                found.setdefault(slug, warehouse)
    return found
