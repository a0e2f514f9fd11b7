"""What the merchant sets about messages to buyers, channel of the store by channel."""

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from ..configuration import Configuration, SettingsError
from ..history.event import Kind
from ..history.settings import PLUGIN as HISTORY
from ..store import current_store
from . import links
from .channel import StaffChannel, channels
from .quiet import Quiet
from .rules import Rule, RuleError, parse
from .texts import LANGUAGES, TEXTS

__all__ = ["PLUGIN", "RULES", "MessagesSettings", "SettingsError"]

PLUGIN = "messages"
#: As a line each; SMS cost money, so that none goes unless the merchant wants it.
RULES = """\
order.placed = telegram, viber
order.paid = telegram, viber
order.status:cancelled = telegram, viber, email
shipment.sent = telegram, viber
shipment.tracking = telegram, viber, email
payment.refunded = telegram, viber, email
receipt.registered = telegram, viber
reservation.ending = telegram, viber, email
"""
_NIGHT = Quiet()
_MOSCOW = ZoneInfo("Europe/Moscow")
#: Of the dashboard's fields.
_MOST_A_DAY, _MOST_MINUTES, _MOST_HOURS, _MOST_DAYS = 1000, 24 * 60, 24 * 14, 3650

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MessagesSettings:
    """Settings of one channel of the store."""

    rules: tuple[Rule, ...] = ()
    #: Of texts, for those who have chosen none.
    language: str = "ru"
    #: Name of the store, for texts.
    shop: str = ""
    #: Its address, for pages whose address it does not know itself.
    place: str = ""
    #: Kinds of events, and channels, of which nobody hears who has not agreed to them.
    consent: frozenset[str] = frozenset({Kind.CART_LEFT.value})
    quiet: Quiet | None = _NIGHT
    #: Kinds of events that are told at night, too.
    urgent: frozenset[str] = frozenset({Kind.RESERVATION_ENDING.value})
    #: Messages to a person, by the day in his zone.
    a_day: int = 10
    #: Minutes after which the next channel is tried, where nothing has arrived.
    fallback_minutes: int = 15
    #: Hours after which an event is no news any more.
    worth_hours: int = 24
    zone: ZoneInfo = _MOSCOW
    #: E-mail address of whoever answers people.
    manager: str = ""
    #: Channels to the store's own people, by which they hear of what needs one of them.
    staff: tuple[str, ...] = ()
    #: Days for which messages are kept.
    days: int = 365

    @classmethod
    def load(cls, channel: str) -> "MessagesSettings | None":
        """Settings as saved for a channel of the store (its slug).

        ``None`` while the plugin is off there, or where they can't be used.
        """
        saved = current_store().configuration(PLUGIN, channel)
        return None if saved is None else cls._usable(saved, channel)

    @classmethod
    def all(cls) -> Mapping[str, "MessagesSettings"]:
        """Those that can be used, by the slugs of their channels."""
        found = {
            slug: cls._usable(saved, slug)
            for slug, saved in current_store().configurations(PLUGIN).items()
        }
        return {slug: settings for slug, settings in found.items() if settings is not None}

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "MessagesSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            There must be all that messages need.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            rules=tuple(_rules(values)),
            language=values.text("language", default.language).lower() or default.language,
            shop=values.text("shop"),
            place=values.url("place"),
            consent=_names(values, "consent", default.consent, {*_kinds(), *_channels()}),
            quiet=_quiet(values, default.quiet),
            urgent=_names(values, "urgent", default.urgent, _kinds()),
            a_day=values.whole("a_day", default.a_day, _MOST_A_DAY),
            fallback_minutes=values.whole(
                "fallback_minutes", default.fallback_minutes, _MOST_MINUTES
            ),
            worth_hours=values.whole("worth_hours", default.worth_hours, _MOST_HOURS),
            zone=values.zone("time_zone", default.zone),
            manager=values.text("manager"),
            staff=_staff(values),
            days=values.whole("days", default.days, _MOST_DAYS),
        )
        if settings.language not in LANGUAGES:
            values.refuse(
                "language",
                _("“%(value)s” is none of: %(known)s.")
                % {"value": settings.language, "known": ", ".join(LANGUAGES)},
            )
        if settings.manager and ("@" not in settings.manager or " " in settings.manager):
            values.refuse("manager", _("Write an e-mail address."))
        if complete and current_store().configuration(HISTORY) is None:
            values.refuse("rules", _("Switch on “1C: events for other systems” first."))
        if complete and not links.address_with("x", settings.place):
            values.refuse("place", _("Write it: every message names a page of the store."))
        values.check()
        return settings

    @classmethod
    def _usable(cls, saved: Mapping[str, object], channel: str) -> "MessagesSettings | None":
        try:
            return cls.from_configuration(saved, complete=False)
        except SettingsError as error:
            # They were checked when they were saved: a plugin of a channel's was taken out since.
            logger.error("No messages are sent in %s: %s", channel, error)
            return None


def _rules(values: Configuration) -> Iterator[Rule]:
    known = _channels()
    is_given = values.text("rules") not in ("", RULES.strip())
    for number, line in enumerate(values.verbatim("rules").splitlines() if is_given else (), 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        try:
            yield parse(line, known)
        except RuleError as error:
            values.refuse(
                "rules",
                _("Line %(number)d: %(why)s") % {"number": number, "why": error},
            )
    if not is_given:
        # Of ours those count whose channels there are.
        for line in RULES.splitlines():
            kind, _equals, names = line.partition(" = ")
            there = [name for name in names.split(", ") if name in known]
            if there:
                yield parse(f"{kind} = {', '.join(there)}", known)


def _quiet(values: Configuration, otherwise: Quiet | None) -> Quiet | None:
    text = values.text("quiet")
    if not text:
        return otherwise
    if text.lower() in ("no", "нет", "-"):
        return None
    try:
        return Quiet.parsed(text)
    except ValueError:
        values.refuse("quiet", _("Write it as 22:00-09:00, or “no”."))
        return otherwise


def _names(
    values: Configuration, key: str, otherwise: Collection[str], known: Collection[str]
) -> frozenset[str]:
    text = values.text(key, " ".join(otherwise))
    if text.lower() in ("no", "нет", "-"):
        return frozenset()
    names = frozenset(text.replace(",", " ").lower().split())
    for name in sorted(names.difference(known)):
        values.refuse(
            key,
            _("“%(name)s” is none of: %(known)s.")
            % {"name": name, "known": ", ".join(sorted(known))},
        )
    return names


def _staff(values: Configuration) -> tuple[str, ...]:
    """In the order in which they are tried."""
    found = [one for one in channels() if isinstance(one, StaffChannel)]
    known = {one.name for one in found} | {one.group for one in found if one.group}
    names = dict.fromkeys(values.text("staff").replace(",", " ").lower().split())
    for name in names:
        if name not in known:
            values.refuse(
                "staff",
                _("“%(name)s” is none of: %(known)s.")
                % {"name": name, "known": ", ".join(sorted(known))},
            )
    return tuple(names)


def _kinds() -> set[str]:
    return {about.partition(":")[0] for about in TEXTS}


def _channels() -> set[str]:
    """Names that rules may have: of channels, and of groups of them."""
    found = list(channels())
    return {one.name for one in found} | {one.group for one in found if one.group}
