"""What the merchant sets about 1C as a CRM."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial

from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError, load_usable
from ...history.event import Kind
from ...history.settings import PLUGIN as HISTORY
from ...orders.incoming.settings import PLUGIN as ORDERS
from ...orders.known import zone
from ...remembered import Remembered
from ...store import current_store

__all__ = ["PLUGIN", "OnecCrmSettings", "SettingsError", "is_on"]

PLUGIN = "crm_onec"


@dataclass(frozen=True, slots=True)
class OnecCrmSettings:
    #: Accounts that have not ordered go to 1C.
    cards: bool = False
    #: Those that were made earlier don't; ``None``: from before it was switched on.
    since: date | None = None
    #: Names and phones that 1C's people change are changed in the account.
    contacts_back: bool = False
    #: Kinds of events that are told in their order's document.
    timeline: frozenset[Kind] = frozenset()

    @property
    def since_moment(self) -> datetime | None:
        """The first moment of `since` by the clock of the documents, in UTC."""
        if self.since is None:
            return None
        return datetime.combine(self.since, time.min, zone()).astimezone(UTC)

    @classmethod
    def load(cls) -> "OnecCrmSettings | None":
        """Settings as saved; ``None`` while the plugin is off, or where they can't be used."""
        return load_usable(
            PLUGIN, "Settings of 1C as a CRM", partial(cls.from_configuration, complete=False)
        )

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "OnecCrmSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            There must be all that it needs.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            cards=values.flag("cards", default.cards),
            since=_day(values),
            contacts_back=values.flag("contacts_back", default.contacts_back),
            timeline=values.words("timeline", Kind),
        )
        if complete and current_store().configuration(ORDERS) is None:
            values.refuse("cards", _("Switch on “1C: orders” first."))
        if complete and settings.timeline and current_store().configuration(HISTORY) is None:
            values.refuse("timeline", _("Switch on “1C: events for other systems” first."))
        values.check()
        return settings


@Remembered
def is_on() -> bool:
    """Whether accounts go to 1C: every write of one asks."""
    settings = OnecCrmSettings.load()
    return settings is not None and settings.cards


def _day(values: Configuration) -> date | None:
    text = values.text("since")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        values.refuse("since", _("Write the day as 2026-11-25."))
        return None
