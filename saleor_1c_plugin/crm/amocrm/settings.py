"""What the merchant sets about amoCRM."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError
from ..back_settings import BackSettings
from ..settings import read_stages, require_crm

__all__ = ["PLUGIN", "STAGES", "AmoCrmSettings", "SettingsError"]

PLUGIN = "amocrm"
#: Every pipeline has these two, under these numbers: won and lost.
STAGES = """shipped = 142
returned = 143
cancelled = 143
expired = 143"""

#: Without TLS only on this very host, where an account has no other place to be.
_ACCOUNT = re.compile(
    r"https://[a-z0-9-]+\.(?:amocrm\.ru|amocrm\.com|kommo\.com)"
    r"|http://(?:127\.0\.0\.1|localhost)(?::[0-9]+)?"
)
_MOST_PER_SECOND = 100
_MOST_TAGS = 20


@dataclass(frozen=True, slots=True)
class AmoCrmSettings:
    #: Address of the account, without a slash at its end.
    account: str = ""
    #: Long-lived token of the integration; empty: by a code, see below.
    token: str = field(default="", repr=False)
    #: Of the integration: its id, its secret, the address that it names, and a code that can be
    #: exchanged for tokens once.
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    redirect_uri: str = ""
    code: str = field(default="", repr=False)
    #: Number or name; empty: the main one.
    pipeline: str = ""
    #: Id of the user who is in charge of new records; 0: whose the token is.
    responsible: int = 0
    #: Number of the list that has the goods; 0: they are named in a field of the deal alone.
    catalog: int = 0
    #: Of records that we make.
    tags: tuple[str, ...] = ()
    #: Calls a second that are allowed.
    per_second: int = 7
    #: Address of ours to which amoCRM says that something has changed; empty: it says nothing.
    webhook_url: str = ""
    stages: Mapping[str, str] = field(default_factory=dict)
    back: BackSettings = field(default_factory=BackSettings)

    @property
    def is_abroad(self) -> bool:
        return not self.account.endswith(".amocrm.ru")

    @property
    def webhook_secret(self) -> str:
        """Stands at the end of our address: amoCRM signs nothing."""
        return salted_hmac("saleor_1c_plugin.amocrm", self.account).hexdigest()

    @property
    def code_digest(self) -> str:
        return hashlib.sha256(self.code.encode()).hexdigest()

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "AmoCrmSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            There must be all that is needed to write into amoCRM.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            account=_address(values.text("account")),
            token=values.text("token"),
            client_id=values.text("client_id"),
            client_secret=values.text("client_secret"),
            redirect_uri=values.url("redirect_uri"),
            code=values.text("code"),
            pipeline=values.text("pipeline"),
            responsible=values.whole("responsible", default.responsible, 10**12, 0),
            catalog=values.whole("catalog", default.catalog, 10**12, 0),
            tags=tuple(filter(None, (tag.strip() for tag in values.text("tags").split(",")))),
            per_second=values.whole("per_second", default.per_second, _MOST_PER_SECOND),
            webhook_url=values.url("webhook_url").rstrip("/"),
            stages=read_stages(values, STAGES),
            back=BackSettings.read(values),
        )
        if settings.account and not _ACCOUNT.fullmatch(settings.account):
            values.refuse(
                "account",
                _("Write the address of the account: https://<name>.amocrm.ru or .kommo.com."),
            )
        if len(settings.tags) > _MOST_TAGS:
            values.refuse("tags", _("There are too many."))
        if complete:
            settings._require_all(values)
        values.check()
        return settings

    def _require_all(self, values: Configuration) -> None:
        if not self.account:
            values.refuse("account", _("It is needed."))
        require_crm(values, "account")
        if self.token:
            return
        for key in ("client_id", "client_secret", "redirect_uri", "code"):
            if not getattr(self, key):
                values.refuse(key, _("It is needed where there is no long-lived token."))


def _address(text: str) -> str:
    """As it is copied out of a browser, or the name of the host alone."""
    if not text:
        return ""
    scheme, mark, rest = text.rpartition("://")
    host = rest.partition("/")[0].lower()
    return f"{scheme.lower() if mark else 'https'}://{host}"
