"""Reading a plugin's saved settings: the same rules in every room, whoever saved them."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import override

from .store import current_store

logger = logging.getLogger(__name__)


class SettingsError(ValueError):
    """Settings that can't be used.

    Parameters
    ----------
    faults
        Key of a setting → what is wrong with it, in the reader's language.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


class Configuration:
    """Saved values by key, as text or as what they are; gathers all that is wrong with them.

    A key that is missing, or has no value, means the default: a newer version of the plugin
    knows settings that an older one did not save.
    """

    def __init__(self, saved: Mapping[str, object]) -> None:
        self._saved = saved
        self._faults: dict[str, str] = {}

    def text(self, key: str, otherwise: str = "") -> str:
        """The value without blanks around it."""
        return self.verbatim(key, otherwise).strip()

    def verbatim(self, key: str, otherwise: str = "") -> str:
        """The value to the letter: blanks belong to a password."""
        value = self._saved.get(key)
        return otherwise if value is None else str(value)

    def flag(self, key: str, otherwise: bool) -> bool:
        """Whether the box is ticked."""
        value = self.text(key).lower()
        if value not in ("", "true", "false"):
            self.refuse(key, _("Write true or false."))
        return value == "true" if value else otherwise

    def whole(self, key: str, otherwise: int, most: int, least: int = 1) -> int:
        """A whole number from `least` to `most`."""
        value = self.text(key)
        if not value:
            return otherwise
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            self.refuse(
                key,
                _("Write a whole number from %(least)d to %(most)d.")
                % {"least": least, "most": most},
            )
            return otherwise
        return int(value)

    def choice[Choice: StrEnum](self, key: str, otherwise: Choice) -> Choice:
        """One of the words that the type of `otherwise` names."""
        value = self.text(key).lower()
        if not value:
            return otherwise
        kind = type(otherwise)
        if value not in set(kind):
            self.refuse(
                key,
                _("“%(value)s” is none of: %(known)s.")
                % {"value": value, "known": ", ".join(kind)},
            )
            return otherwise
        return kind(value)

    def words[Word: StrEnum](self, key: str, kind: type[Word]) -> frozenset[Word]:
        """Some of the words that a type names, by blanks or commas; in any case."""
        known = ", ".join(kind)
        found = set()
        for name in self.text(key).lower().replace(",", " ").split():
            if name in set(kind):
                found.add(kind(name))
            else:
                self.refuse(
                    key,
                    _("“%(value)s” is none of: %(known)s.") % {"value": name, "known": known},
                )
        return frozenset(found)

    def url(self, key: str) -> str:
        """The address of a service; empty where there is none."""
        text = self.text(key)
        if text and not text.startswith(("https://", "http://")):
            self.refuse(key, _("Write the whole address, from https:// on."))
        return text

    def zone(self, key: str, otherwise: ZoneInfo) -> ZoneInfo:
        """A time zone by its IANA name."""
        name = self.text(key)
        if not name:
            return otherwise
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            self.refuse(key, _("There is no time zone “%(name)s”.") % {"name": name})
            return otherwise

    def mapping(self, key: str) -> Mapping[str, tuple[str, ...]]:
        """Lines ``name in 1C = name in the store``; ``#`` begins a comment, a name may repeat."""
        pairs: dict[str, list[str]] = {}
        for number, line in enumerate(self.verbatim(key).splitlines(), 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            # 1C's ids hold "#" and "-" but never "=", names may hold "=": split at the last one.
            left, equals, right = (part.strip() for part in line.rpartition("="))
            if equals and left and right:
                pairs.setdefault(left, []).append(right)
            else:
                self.refuse(
                    key,
                    _("Line %(number)d: write it as “name in 1C = name in the store”.")
                    % {"number": number},
                )
        return {left: tuple(rights) for left, rights in pairs.items()}

    def refuse(self, key: str, why: str) -> None:
        """Note that the value of `key` can't be used."""
        self._faults.setdefault(key, why)

    def check(self) -> None:
        """Say whether all that was read can be used.

        Raises
        ------
        SettingsError
            It can't.
        """
        if self._faults:
            raise SettingsError(self._faults)


def load[Settings](
    plugin: str, switched_off: object, read: Callable[[Mapping[str, object]], Settings]
) -> Settings:
    """Settings of a plugin as saved in the shop.

    Parameters
    ----------
    switched_off
        What is said, lazily translated, where the plugin is off.
    read
        Makes settings of the saved values.

    Raises
    ------
    SettingsError
        They can't be used; in Russian, for it is 1C's operator who reads that.
    """
    with override("ru"):
        saved = current_store().configuration(plugin)
        if saved is None:
            raise SettingsError({plugin: str(switched_off)})
        return read(saved)


def load_usable[Settings](
    plugin: str, what: str, read: Callable[[Mapping[str, object]], Settings]
) -> Settings | None:
    """Settings of a plugin for work that nobody waits for.

    ``None`` while the plugin is off, or where they can't be used: the log says so.

    Parameters
    ----------
    what
        Names the settings in the log.
    read
        Makes settings of the saved values.
    """
    saved = current_store().configuration(plugin)
    if saved is None:
        return None
    try:
        return read(saved)
    except SettingsError as error:
        # They were checked when they were saved: another version of the plugin did that.
        logger.error("%s can't be used: %s", what, error)
        return None


def check_all(*checks: Callable[[], object]) -> None:
    """Run all the checks.

    Raises
    ------
    SettingsError
        Some failed; with the faults of all.
    """
    faults: dict[str, str] = {}
    for check in checks:
        try:
            check()
        except SettingsError as error:
            faults |= error.faults
    if faults:
        raise SettingsError(faults)


def require_existing(
    channels: Mapping[str, Iterable[str]],
    known_channels: Collection[str],
    warehouses: Mapping[str, Iterable[str]],
    known_warehouses: Collection[str],
) -> None:
    """Say whether the shop has the channels and the warehouses that settings name.

    Parameters
    ----------
    channels, warehouses
        Key of a setting → the slugs in it.
    known_channels, known_warehouses
        Slugs of the shop's.

    Raises
    ------
    SettingsError
        It hasn't.
    """
    no_channel = _("The store has no active channel with the slug %(unknown)s. It has: %(known)s.")
    no_warehouse = _("The store has no warehouse with the slug %(unknown)s. It has: %(known)s.")
    faults = {}
    for named, known, message in (
        (channels, known_channels, no_channel),
        (warehouses, known_warehouses, no_warehouse),
    ):
        for key, slugs in named.items():
            unknown = [slug for slug in dict.fromkeys(slugs) if slug not in known]
            if unknown:
                faults[key] = message % {"unknown": _listed(unknown), "known": _listed(known)}
    if faults:
        raise SettingsError(faults)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names) or "—"
