"""What the merchant sets about invoices, channel by channel."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError
from ...tax_numbers import is_account, is_bic, is_correspondent_account, is_inn, is_kpp

__all__ = ["InvoiceSettings", "Requisites", "SettingsError"]

_FIELD = re.compile(r"\{([^{}]*)\}")
_FIELDS = ("number", "date", "about")
#: Signs of a payment's purpose that banks let through.
MOST_PURPOSE = 210
_MOST_TEMPLATE = 150
_MOST_DAYS = 365
_MOSCOW = ZoneInfo("Europe/Moscow")
#: Correspondent accounts of banks begin so; treasuries' keys are of another kind.
_BANKS = "301"


@dataclass(frozen=True, slots=True)
class Requisites:
    """Who is paid, and where."""

    name: str = ""
    inn: str = ""
    #: Empty for a sole trader.
    kpp: str = ""
    bank: str = ""
    bic: str = ""
    account: str = ""
    #: Of the bank, at the Bank of Russia; empty where it has none.
    correspondent_account: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceSettings:
    """Settings of one channel."""

    requisites: Requisites = field(default_factory=Requisites)
    #: Days, besides the one on which it was made out.
    days: int = 5
    purpose: str = "Оплата по счёту № {number} от {date}"
    #: The shop takes what is promised for authorised: see :mod:`..offline`.
    relied_on: bool = True
    #: By which days begin and end.
    zone: ZoneInfo = _MOSCOW

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "InvoiceSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            The requisites must be there.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            requisites=_requisites(values, complete=complete),
            days=values.whole("days", default.days, _MOST_DAYS),
            purpose=" ".join((values.text("purpose") or default.purpose).split()),
            relied_on=values.flag("relied_on", default.relied_on),
            zone=values.zone("time_zone", default.zone),
        )
        unknown = [name for name in _FIELD.findall(settings.purpose) if name not in _FIELDS]
        if unknown or re.search(r"[{}]", _FIELD.sub("", settings.purpose)):
            known = ", ".join(f"{{{name}}}" for name in _FIELDS)
            values.refuse(
                "purpose", _("In braces there may be only: %(known)s.") % {"known": known}
            )
        if len(settings.purpose) > _MOST_TEMPLATE:
            values.refuse(
                "purpose", _("Write at most %(count)d signs.") % {"count": _MOST_TEMPLATE}
            )
        values.check()
        return settings

    def purpose_of(self, number: int, issued: date, about: str) -> str:
        """What the payer writes into the transfer."""
        said = {"number": str(number), "date": f"{issued:%d.%m.%Y}", "about": about}
        return _FIELD.sub(lambda match: said[match[1]], self.purpose)[:MOST_PURPOSE]


def _requisites(values: Configuration, *, complete: bool) -> Requisites:
    def digits(key: str) -> str:
        return values.text(key).replace(" ", "")

    found = Requisites(
        name=" ".join(values.text("name").split()),
        inn=digits("inn"),
        kpp=digits("kpp").upper(),
        bank=" ".join(values.text("bank").split()),
        bic=digits("bic"),
        account=digits("account"),
        correspondent_account=digits("correspondent_account"),
    )
    if complete:
        for key in ("name", "inn", "bank", "bic", "account"):
            if not getattr(found, key):
                values.refuse(key, _("Write it: the invoice can't be paid without it."))
    if found.inn and not is_inn(found.inn):
        values.refuse("inn", _("This is no ИНН: its check digits are wrong."))
    if found.kpp and not is_kpp(found.kpp):
        values.refuse("kpp", _("A КПП has nine signs, as 770101001."))
    if complete and len(found.inn) == 10 and not found.kpp:
        values.refuse("kpp", _("A company has a КПП: write it."))
    if found.bic and not is_bic(found.bic):
        values.refuse("bic", _("A БИК has nine digits, as 044525225."))
    elif found.bic:
        _check_accounts(values, found)
    return found


def _check_accounts(values: Configuration, found: Requisites) -> None:
    """A transfer to a number with a slip of the pen comes back after days, or never."""
    wrong = _("There is no such account at the bank with this БИК: look for a wrong digit.")
    correspondent = found.correspondent_account
    is_banks = correspondent.startswith(_BANKS)
    if correspondent and not is_correspondent_account(correspondent, found.bic if is_banks else ""):
        values.refuse("correspondent_account", wrong)
    if found.account and not is_account(found.account, found.bic if is_banks else ""):
        values.refuse("account", wrong)
