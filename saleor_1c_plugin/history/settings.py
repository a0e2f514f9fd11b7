"""What the merchant sets about the journal, and about the systems of his own that read it."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from ..configuration import Configuration, SettingsError, load_usable
from ..remembered import Remembered
from ..store import current_store
from .event import Kind

__all__ = ["MOST_ADDRESSES", "PLUGIN", "HistorySettings", "SettingsError", "is_kept"]

PLUGIN = "history"
#: Each has a topic of the outbox to itself, and each topic costs the outbox a look.
MOST_ADDRESSES = 5
_LONGEST_DAYS = 3650
_MOST_CART_HOURS = 720
#: Letters of a secret: one that can be guessed proves nothing.
_SHORTEST_SECRET = 16


@dataclass(frozen=True, slots=True)
class HistorySettings:
    #: Days for which events are kept.
    days: int = 365
    #: Hours after which a cart that nobody touched counts as left; 0: none ever does.
    cart_hours: int = 0
    #: Where events are posted to; may hold passwords.
    webhooks: tuple[str, ...] = field(default=(), repr=False)
    #: Of the signatures.
    secret: str = field(default="", repr=False)
    #: Those that are posted; empty: all.
    kinds: frozenset[Kind] = frozenset()
    #: Lets a reader in; empty: nobody.
    feed_token: str = field(default="", repr=False)

    @classmethod
    def load(cls) -> "HistorySettings | None":
        """Settings as saved; ``None`` while the plugin is off, or where they can't be used."""
        return load_usable(PLUGIN, "The journal's settings", cls.from_configuration)

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "HistorySettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            days=values.whole("days", default.days, _LONGEST_DAYS),
            cart_hours=values.whole("cart_hours", default.cart_hours, _MOST_CART_HOURS, least=0),
            webhooks=_addresses(values),
            secret=_secret(values, "secret"),
            kinds=_kinds(values),
            feed_token=_secret(values, "feed_token"),
        )
        if settings.webhooks and not settings.secret:
            values.refuse("secret", _("Events are signed: write a secret."))
        values.check()
        return settings


@Remembered
def is_kept() -> bool:
    """Whether there is a journal."""
    return current_store().configuration(PLUGIN) is not None


def digest(address: str) -> str:
    """Tells one address from another, and gives none away."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def _addresses(values: Configuration) -> tuple[str, ...]:
    """One a line, each once; ``#`` begins a comment."""
    lines = (line.strip() for line in values.verbatim("webhooks").splitlines())
    found = tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
    for address in found:
        if not _is_address(address):
            # No address stands in the text: it may hold a password.
            number = found.index(address) + 1
            text = _("Address %(number)d: write the whole of it, from https:// on.")
            values.refuse("webhooks", text % {"number": number})
    if len(found) > MOST_ADDRESSES:
        text = _("Write %(most)d addresses at most.")
        values.refuse("webhooks", text % {"most": MOST_ADDRESSES})
    return found


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        # Looked at for what it refuses: a port that is no number.
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_whole and parts.scheme in ("http", "https") and not re.search(r"\s", text)


def _secret(values: Configuration, key: str) -> str:
    text = values.text(key)
    if text and not (text.isascii() and text.isprintable() and len(text) >= _SHORTEST_SECRET):
        values.refuse(
            key,
            _("Write at least %(least)d Latin letters, digits or signs.")
            % {"least": _SHORTEST_SECRET},
        )
    return text


def _kinds(values: Configuration) -> frozenset[Kind]:
    names = re.split(r"[\s,]+", values.text("kinds").lower())
    unknown = sorted({name for name in names if name} - set(Kind))
    if unknown:
        values.refuse(
            "kinds",
            _("There are no events %(unknown)s. There are: %(known)s.")
            % {"unknown": ", ".join(unknown), "known": ", ".join(Kind)},
        )
    return frozenset(kind for kind in Kind if kind in names)
