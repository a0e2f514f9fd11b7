"""What the merchant sets about CRMs: alike about all of them, and how each reads its stages."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext as _

from ..configuration import Configuration, SettingsError, load_usable
from ..history.event import Kind
from ..history.settings import PLUGIN as HISTORY
from ..store import current_store
from ..store.orders import OrderStatus

__all__ = ["PLUGIN", "STATES", "CrmSettings", "SettingsError", "read_stages"]

PLUGIN = "crm"
#: Of orders, as far as a CRM is told: just placed, paid, and all statuses.
STATES = ("placed", "paid", *(status.value for status in OrderStatus))
LANGUAGES = ("ru", "en")


@dataclass(frozen=True, slots=True)
class CrmSettings:
    #: Of what is written into the CRMs.
    language: str = "ru"
    #: Kinds of events that are written into timelines.
    timeline: frozenset[Kind] = frozenset(Kind)

    @classmethod
    def load(cls) -> "CrmSettings | None":
        """Settings as saved; ``None`` while the plugin is off, or where they can't be used."""
        return load_usable(
            PLUGIN, "Settings of CRMs", partial(cls.from_configuration, complete=False)
        )

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "CrmSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            There must be all that a mirror needs.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            language=values.text("language", default.language).lower() or default.language,
            timeline=_kinds(values),
        )
        if settings.language not in LANGUAGES:
            values.refuse(
                "language",
                _("“%(value)s” is none of: %(known)s.")
                % {"value": settings.language, "known": ", ".join(LANGUAGES)},
            )
        if complete and current_store().configuration(HISTORY) is None:
            values.refuse("timeline", _("Switch on “1C: events for other systems” first."))
        values.check()
        return settings


def require_crm(values: Configuration, key: str) -> None:
    """A CRM of its own does nothing while the plugin of all of them is off."""
    if current_store().configuration(PLUGIN) is None:
        values.refuse(key, _("Switch on “1C: CRM” first."))


def read_stages(values: Configuration, otherwise: str) -> dict[str, str]:
    """State of an order → stage of its deal, of the setting ``stages``.

    Parameters
    ----------
    otherwise
        What is used where nothing is set.
    """
    text = values.text("stages") or otherwise
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        state, _equals, stage = (part.strip() for part in line.partition("="))
        if state not in STATES or not stage:
            values.refuse(
                "stages",
                _("Line %(number)d: write “state of the order = stage”; states are: %(known)s.")
                % {"number": number, "known": ", ".join(STATES)},
            )
        found[state] = stage
    return found


def _kinds(values: Configuration) -> frozenset[Kind]:
    text = values.text("timeline").lower()
    if not text:
        return frozenset(Kind)
    if text in ("no", "нет", "-"):
        return frozenset()
    return values.words("timeline", Kind)
