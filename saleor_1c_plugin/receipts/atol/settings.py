"""What the merchant sets about ATOL Online, channel by channel."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError
from ...tax_numbers import is_inn

__all__ = ["AtolSettings", "SettingsError", "Version"]

_MOSCOW = ZoneInfo("Europe/Moscow")
_GROUP = re.compile(r"[0-9A-Za-z._-]{1,100}")
#: Signs that the service takes.
_MOST_LOGIN = 100
_MOST_EMAIL = 64
_MOST_ADDRESS = 256


class Version(StrEnum):
    """Of the protocol, and by it of the fiscal data format that the registers speak."""

    #: FFD 1.05.
    V4 = "v4"
    #: FFD 1.2.
    V5 = "v5"


@dataclass(frozen=True, slots=True)
class AtolSettings:
    """Settings of one channel."""

    login: str = ""
    password: str = field(default="", repr=False)
    #: Of registers that work in turn.
    group_code: str = ""
    version: Version = Version.V5
    #: The service's stand for trying things out: nothing reaches the tax service.
    is_test: bool = False
    inn: str = ""
    #: Of the sender of receipts (1117).
    email: str = ""
    #: Address of the store in the web (1187), unless the receipt has it.
    payment_address: str = ""
    #: Where notifications are sent; empty: nowhere, the service is asked.
    notification_url: str = ""
    #: By the clocks of the registers.
    zone: ZoneInfo = _MOSCOW

    @property
    def address(self) -> str:
        """Where the API is.

        The host may say so (``ONEC_ATOL_API``, for trying things out), the dashboard may not:
        whoever could change it there would have the password sent wherever he likes.
        """
        host = "testonline.atol.ru" if self.is_test else "online.atol.ru"
        base = os.environ.get("ONEC_ATOL_API") or f"https://{host}/possystem"
        return f"{base}/{self.version.value}"

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "AtolSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            All that a receipt needs must be there.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            login=values.text("login"),
            password=values.text("password"),
            group_code=values.text("group_code"),
            version=values.choice("version", default.version),
            is_test=values.flag("test", default.is_test),
            inn=values.text("inn"),
            email=values.text("email"),
            payment_address=values.text("payment_address"),
            notification_url=values.url("notification_url"),
            zone=values.zone("time_zone", default.zone),
        )
        _check(values, settings)
        if complete:
            _require(values, settings)
        values.check()
        return settings


def _check(values: Configuration, settings: AtolSettings) -> None:
    too_long = _("Write at most %(count)d signs.")
    for key, most in (
        ("login", _MOST_LOGIN),
        ("password", _MOST_LOGIN),
        ("email", _MOST_EMAIL),
        ("payment_address", _MOST_ADDRESS),
        ("notification_url", _MOST_ADDRESS),
    ):
        if len(getattr(settings, key)) > most:
            values.refuse(key, too_long % {"count": most})
    if settings.group_code and not _GROUP.fullmatch(settings.group_code):
        values.refuse(
            "group_code", _("The code of a group is of Latin letters, digits, “.”, “_” and “-”.")
        )
    if settings.inn and not is_inn(settings.inn):
        values.refuse("inn", _("This is no ИНН: its check digits are wrong."))
    if settings.email:
        try:
            validate_email(settings.email)
        except ValidationError:
            values.refuse("email", _("Write an e-mail address."))


def _require(values: Configuration, settings: AtolSettings) -> None:
    if not settings.login:
        values.refuse("login", _("Write the login."))
    if not settings.password:
        values.refuse("password", _("Write the password."))
    if not settings.group_code:
        values.refuse("group_code", _("Write the code of the group of registers."))
    if not settings.inn:
        values.refuse("inn", _("Write the ИНН to which the registers belong."))
    if not settings.email:
        values.refuse("email", _("Write the e-mail address from which receipts come."))
    if not settings.payment_address:
        values.refuse("payment_address", _("Write the address of the store in the web."))
