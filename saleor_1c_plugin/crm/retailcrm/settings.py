"""What the merchant sets about RetailCRM."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError
from ..back_settings import BackSettings
from ..settings import read_stages, require_crm

__all__ = ["PLUGIN", "STAGES", "RetailCrmSettings", "SettingsError"]

PLUGIN = "retailcrm"
#: Of the statuses that a new account has.
STAGES = """placed = new
open = client-confirmed
paid = prepayed
partly_shipped = delivering
shipped = complete
returned = cancel-other
cancelled = cancel-other
expired = cancel-other"""

_MOSCOW = ZoneInfo("Europe/Moscow")
#: One of one's own in the same network may do without TLS only on this very host.
_ADDRESS = re.compile(r"https://[^/\s?#@]+|http://(?:127\.0\.0\.1|localhost)(?::[0-9]+)?")
#: It goes into a header.
_KEY = re.compile(r"[!-~]{8,256}")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,255}")
_CURRENCY = re.compile(r"[A-Z]{3}")
#: A part of an address.
_HOOK = re.compile(r"[A-Za-z0-9_-]{16,128}")
_MOST_PER_SECOND = 50


@dataclass(frozen=True, slots=True)
class RetailCrmSettings:
    #: Of the account, without a slash at the end.
    address: str = ""
    api_key: str = field(default="", repr=False)
    #: Code of the shop there; empty: the only one that the key may see.
    site: str = ""
    #: Id of the user who is in charge of new records; 0: nobody.
    manager: int = 0
    #: Code of the customers' own field that has 1C's id; empty: there is none.
    onec_field: str = ""
    #: Goods are looked for in the catalogue there, by 1C's id.
    catalog: bool = False
    #: Code of the kind of payments; empty: what was paid is not told.
    payment_type: str = ""
    #: What a payment that was made is there.
    payment_status: str = "paid"
    #: Of the shop there.
    currency: str = "RUB"
    #: Who pays with an ИНН is a corporate customer.
    corporate: bool = True
    #: Of the account: its dates are told without one.
    zone: ZoneInfo = _MOSCOW
    #: In the address to which the account tells that something has changed.
    hook_secret: str = field(default="", repr=False)
    #: Calls a second. An address may make 10, whatever makes them.
    per_second: int = 8
    stages: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "RetailCrmSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            There must be all that is needed to write into RetailCRM.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        BackSettings.read(values)
        settings = cls(
            address=values.text("address").rstrip("/"),
            api_key=values.text("api_key"),
            site=values.text("site"),
            manager=values.whole("manager", default.manager, 10**9, 0),
            onec_field=values.text("onec_field"),
            catalog=values.flag("catalog", default.catalog),
            payment_type=values.text("payment_type"),
            payment_status=values.text("payment_status") or default.payment_status,
            currency=values.text("currency").upper() or default.currency,
            corporate=values.flag("corporate", default.corporate),
            zone=values.zone("time_zone", default.zone),
            hook_secret=values.text("hook_secret"),
            per_second=values.whole("per_second", default.per_second, _MOST_PER_SECOND),
            stages=read_stages(values, STAGES),
        )
        settings._check(values, complete)
        values.check()
        return settings

    def _check(self, values: Configuration, complete: bool) -> None:
        if self.address and not _ADDRESS.fullmatch(self.address):
            values.refuse(
                "address", _("Write the address of the account: https://<account>.retailcrm.ru")
            )
        if self.api_key and not _KEY.fullmatch(self.api_key):
            values.refuse("api_key", _("That is no API key."))
        for key in ("site", "onec_field", "payment_type", "payment_status"):
            code = getattr(self, key)
            if code and not _CODE.fullmatch(code):
                values.refuse(key, _("Write a code: Latin letters, digits, “-” and “_”."))
        if not _CURRENCY.fullmatch(self.currency):
            values.refuse("currency", _("Write the code of a currency: RUB."))
        if self.hook_secret and not _HOOK.fullmatch(self.hook_secret):
            values.refuse("hook_secret", _("Write at least 16 Latin letters, digits, “-” and “_”."))
        if complete and not self.address:
            values.refuse("address", _("It is needed."))
        if complete and not self.api_key:
            values.refuse("api_key", _("It is needed."))
        if complete:
            require_crm(values, "address")
