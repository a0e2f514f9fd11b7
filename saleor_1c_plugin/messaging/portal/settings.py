"""What the merchant sets about the corporate portal."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ...configuration import Configuration
from ...crm.bitrix24.settings import PLUGIN as CRM
from ...crm.bitrix24.settings import Bitrix24Settings, is_webhook
from ...store import current_store
from . import NAME

PLUGIN = NAME


@dataclass(frozen=True, slots=True)
class PortalSettings:
    #: By which the portal is spoken to.
    account: Bitrix24Settings = field(default_factory=Bitrix24Settings)
    #: Id of the user who is told where nobody is in charge.
    manager: int = 0
    #: Whether deals and customers of the CRM's plugin are in this very portal.
    has_crm: bool = False

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "PortalSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            There must be all that is needed to tell somebody.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        values = Configuration(saved)
        mirrored = Bitrix24Settings.from_configuration(
            current_store().configuration(CRM) or {}, complete=False
        )
        webhook = values.text("webhook").rstrip("/")
        if webhook and not is_webhook(webhook):
            values.refuse(
                "webhook",
                _("Write the address of an incoming webhook: https://<portal>/rest/1/<secret>/."),
            )
        own = Bitrix24Settings(webhook=webhook)
        has_crm = bool(mirrored.webhook) and (not webhook or own.portal == mirrored.portal)
        if has_crm:
            # The pace is the portal's, whoever calls it.
            own = Bitrix24Settings(
                webhook=webhook or mirrored.webhook, per_second=mirrored.per_second
            )
        settings = cls(own, values.whole("manager", 0, 10**9), has_crm)
        if complete and not settings.account.webhook:
            values.refuse(
                "webhook", _("It is needed, unless “1C: Bitrix24” is switched on and has one.")
            )
        if complete and not settings.manager:
            values.refuse("manager", _("Write the number of a user."))
        values.check()
        return settings
