"""What the merchant sets about reservation, channel by channel."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from ..configuration import Configuration, SettingsError
from ..store import current_store
from ..store.carts import BuyerKind

__all__ = ["PLUGIN", "Mode", "ReservationSettings", "SettingsError", "of_channel", "of_channels"]

PLUGIN = "reservations"
#: In the catalogue's mapping of price types: whatever no other line names.
_ANY = "*"
_YEAR = 365 * 24 * 60
_MOST_UNITS = 1_000_000

logger = logging.getLogger(__name__)


class Mode(StrEnum):
    #: Every line, from the moment it is in the cart.
    AUTOMATIC = "automatic"
    ON_REQUEST = "on_request"


@dataclass(frozen=True, slots=True)
class ReservationSettings:
    """Settings of one channel."""

    mode: Mode = Mode.ON_REQUEST
    #: Terms; 0: such a buyer reserves nothing.
    guest_minutes: int = 15
    customer_minutes: int = 30
    company_minutes: int = 24 * 60
    #: With all extensions; never less than the term.
    longest_minutes: int = 2 * 24 * 60
    #: 0: as many as there are.
    units_per_buyer: int = 0
    #: Per cent of the free units that may be held altogether.
    share_percent: int = 100
    #: Slugs; with all below them.
    excluded_categories: frozenset[str] = frozenset()
    #: 1C's, named as in the settings of the catalogue.
    excluded_price_types: frozenset[str] = frozenset()
    #: The buyer pays the catalogue's price where it has become lower.
    better_price: bool = True
    #: Before the end; 0: nobody is reminded.
    remind_minutes: int = 5
    #: How much longer a hold lasts while a payment is in progress.
    payment_minutes: int = 20
    #: Who hears of holds that begin, are about to end, and end; empty: nobody.
    notify_url: str = ""
    notify_secret: str = field(default="", repr=False)
    #: A hold goes to 1C as a document of its own.
    to_onec: bool = False

    @property
    def is_automatic(self) -> bool:
        return self.mode is Mode.AUTOMATIC

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.payment_minutes)

    def term(self, kind: BuyerKind) -> timedelta:
        """How long a buyer of this kind reserves for at a time; 0: not at all."""
        minutes = {
            BuyerKind.GUEST: self.guest_minutes,
            BuyerKind.CUSTOMER: self.customer_minutes,
            BuyerKind.COMPANY: self.company_minutes,
        }
        return timedelta(minutes=minutes[kind])

    def longest(self, kind: BuyerKind) -> timedelta:
        """How long, however often it is extended."""
        return max(timedelta(minutes=self.longest_minutes), self.term(kind))

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "ReservationSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)

        def minutes(key: str, otherwise: int, least: int = 0) -> int:
            return values.whole(key, otherwise, _YEAR, least)

        settings = cls(
            mode=values.choice("mode", default.mode),
            guest_minutes=minutes("guest_minutes", default.guest_minutes),
            customer_minutes=minutes("customer_minutes", default.customer_minutes),
            company_minutes=minutes("company_minutes", default.company_minutes),
            longest_minutes=minutes("longest_minutes", default.longest_minutes, 1),
            units_per_buyer=values.whole(
                "units_per_buyer", default.units_per_buyer, _MOST_UNITS, 0
            ),
            share_percent=values.whole("share_percent", default.share_percent, 100),
            excluded_categories=frozenset(
                values.text("excluded_categories").replace(",", " ").split()
            ),
            excluded_price_types=frozenset(
                name.strip() for name in values.text("excluded_price_types").splitlines()
            )
            - {""},
            better_price=values.flag("better_price", default.better_price),
            remind_minutes=minutes("remind_minutes", default.remind_minutes),
            payment_minutes=minutes("payment_minutes", default.payment_minutes),
            notify_url=values.url("notify_url"),
            notify_secret=values.verbatim("notify_secret"),
            to_onec=values.flag("to_onec", default.to_onec),
        )
        if settings.notify_url and not settings.notify_secret:
            values.refuse(
                "notify_secret", _("Set a key: the receiver knows by it that the store speaks.")
            )
        values.check()
        return settings


def of_channel(channel: str) -> ReservationSettings | None:
    """Settings of a channel (its slug); ``None`` where nothing is reserved."""
    return of_channels().get(channel)


def of_channels() -> Mapping[str, ReservationSettings]:
    """Those of all channels in which anything is reserved, by slug."""
    found = {}
    for channel, saved in current_store().configurations(PLUGIN).items():
        try:
            found[channel] = ReservationSettings.from_configuration(saved)
        except SettingsError as error:
            # They were checked when they were saved: another version of the plugin did that.
            logger.error("Nothing is reserved in %s: %s", channel, error)
    if any(settings.excluded_price_types for settings in found.values()):
        price_types = _channels_of_price_types()
        for channel, settings in list(found.items()):
            if any(
                channel in price_types.get(name, price_types.get(_ANY, ()))
                for name in settings.excluded_price_types
            ):
                del found[channel]
    return found


def _channels_of_price_types() -> Mapping[str, tuple[str, ...]]:
    """Price type of 1C's → the channels that take prices from it."""
    return Configuration(current_store().configuration("catalog") or {}).mapping("price_types")
