"""Hours in which people are not disturbed, by their own clocks. Pure, but for the zones' tables."""

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers

_DAY = timedelta(days=1)
#: Of the tz database: country, place, zone and remark, by tabs.
_TABLE = "zone.tab"


@dataclass(frozen=True, slots=True)
class Quiet:
    """From one time of the day to another one; equal ones: never."""

    begins: time = time(22)
    ends: time = time(9)

    @classmethod
    def parsed(cls, text: str) -> "Quiet":
        """Written as ``22:00-09:00``.

        Raises
        ------
        ValueError
            It is not.
        """
        begins, dash, ends = text.partition("-")
        if not dash:
            raise ValueError
        found = cls(time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip()))
        if found.begins.tzinfo or found.ends.tzinfo:
            # "10:00-11:00" is a time of some zone, too.
            raise ValueError
        return found

    def over(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When it is over, in UTC; ``None``: it is not quiet there now."""
        local = now.astimezone(zone)
        at = local.time()
        if self.begins <= self.ends:
            is_quiet, day = self.begins <= at < self.ends, local.date()
        else:
            is_quiet = at >= self.begins or at < self.ends
            day = local.date() + (_DAY if at >= self.begins else timedelta())
        return datetime.combine(day, self.ends, zone).astimezone(UTC) if is_quiet else None


def zone_of(chosen: str, phone: str, shop: ZoneInfo) -> ZoneInfo:
    """The zone by which somebody lives.

    Parameters
    ----------
    chosen
        IANA name that he has chosen himself; may be empty, or no zone any more.
    phone
        E.164: its country has a zone. Where it has several, the shop's counts if it is among
        them, or else the first one that the tz database names.
    """
    if found := _zone(chosen):
        return found
    zones = _zones().get(_country(phone), ())
    if not zones or shop.key in zones:
        return shop
    return _zone(zones[0]) or shop


def _country(phone: str) -> str:
    """ISO 3166-1 alpha-2; empty: none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone)) or ""
    except phonenumbers.NumberParseException:
        return ""


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


@cache
def _zones() -> Mapping[str, tuple[str, ...]]:
    """Country → its zones; empty on a host that has no table."""
    found: dict[str, tuple[str, ...]] = {}
    path = next((path for root in zoneinfo.TZPATH if (path := Path(root, _TABLE)).exists()), None)
    for line in path.read_text("utf-8").splitlines() if path else ():
        if not line.startswith("#"):
            country, _place, zone, *_ = line.split("\t")
            found[country] = (*found.get(country, ()), zone)
    return found
