"""What the merchant sets about Bitrix24."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError
from ..back_settings import BackSettings
from ..settings import read_stages, require_crm

__all__ = ["PLUGIN", "STAGES", "Bitrix24Settings", "SettingsError", "is_webhook"]

PLUGIN = "bitrix24"
#: Of the first pipeline of a new portal.
STAGES = """placed = NEW
open = PREPARATION
paid = EXECUTING
partly_shipped = EXECUTING
shipped = WON
returned = LOSE
cancelled = LOSE
expired = LOSE"""

#: A portal of one's own in the same network may do without TLS only on this very host.
_WEBHOOK = re.compile(
    r"(https://[^/\s?#@]+|http://(?:127\.0\.0\.1|localhost)(?::[0-9]+)?)(/[^\s?#]*)?/rest/[0-9]+/[^/\s?#]+/?"
)
_FIELD = re.compile(r"UF_CRM_[A-Z0-9_]+")
_MOST_PER_SECOND = 50


def is_webhook(text: str) -> bool:
    """Whether it can be the address of an incoming webhook."""
    return _WEBHOOK.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Bitrix24Settings:
    #: Address of the webhook, without the last slash: whoever has it may do what it may.
    webhook: str = field(default="", repr=False)
    #: Pipeline of the deals.
    category: int = 0
    #: Id of the user who is in charge of new records; 0: whose the webhook is.
    responsible: int = 0
    #: A field of contacts that has 1C's id; empty: ``ORIGIN_ID``, as 1C's own exchange writes it.
    onec_field: str = ""
    #: Calls a second that the portal lets be made: 2, on the tariff "Enterprise" 5.
    per_second: int = 2
    stages: Mapping[str, str] = field(default_factory=dict)
    #: A field of deals whose values come back as tags; empty: none does.
    tags_field: str = ""
    #: Shown by the portal's outgoing webhook; empty: it has none.
    application_token: str = field(default="", repr=False)
    back: BackSettings = field(default_factory=BackSettings)

    @property
    def portal(self) -> str:
        """Address of the portal."""
        return self.webhook.rpartition("/rest/")[0]

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "Bitrix24Settings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            There must be all that is needed to write into Bitrix24.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            webhook=values.text("webhook").rstrip("/"),
            category=values.whole("category", default.category, 10**9, 0),
            responsible=values.whole("responsible", default.responsible, 10**9, 0),
            onec_field=values.text("onec_field").upper(),
            per_second=values.whole("per_second", default.per_second, _MOST_PER_SECOND),
            stages=read_stages(values, STAGES),
            tags_field=values.text("tags_field").upper(),
            application_token=values.text("application_token"),
            back=BackSettings.read(values),
        )
        if settings.webhook and not is_webhook(settings.webhook):
            values.refuse(
                "webhook",
                _("Write the address of an incoming webhook: https://<portal>/rest/1/<secret>/."),
            )
        if complete and not settings.webhook:
            values.refuse("webhook", _("It is needed."))
        if complete:
            require_crm(values, "webhook")
        for name in ("onec_field", "tags_field"):
            field_name = getattr(settings, name)
            if field_name and not _FIELD.fullmatch(field_name):
                values.refuse(name, _("Write the name of a field: UF_CRM_…"))
        values.check()
        return settings

    def stage(self, stage: str) -> str:
        """As the portal names a stage: those of further pipelines are named with it."""
        return (
            f"C{self.category}:{stage}" if stage and self.category and ":" not in stage else stage
        )
