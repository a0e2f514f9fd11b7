"""What the merchant sets about OrangeData, channel by channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError
from ...tax_numbers import is_inn
from .keys import Identity, Unreadable, private_key

__all__ = ["OrangeDataSettings", "SettingsError"]

_MOSCOW = ZoneInfo("Europe/Moscow")
#: Characters, of the protocol.
_LONGEST = 32


@dataclass(frozen=True, slots=True)
class OrangeDataSettings:
    """Settings of one channel."""

    #: ИНН of the company whose receipts they are.
    inn: str = ""
    #: Of registers, see the cabinet; the usual name of one for FFD 1.2.
    group: str = "Main_2"
    #: By which OrangeData knows the key that signs.
    key_name: str = ""
    identity: Identity | None = field(default=None, repr=False)
    signing_key: rsa.RSAPrivateKey | None = field(default=None, repr=False)
    #: Of the registers' clocks: OrangeData tells their times without one.
    zone: ZoneInfo = _MOSCOW

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "OrangeDataSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            Number, certificate and keys must be there.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        inn = values.text("inn")
        settings = cls(
            inn=inn,
            group=values.text("group") or default.group,
            key_name=values.text("key_name") or inn,
            identity=_identity(values, complete),
            signing_key=_signing_key(values, complete),
            zone=values.zone("time_zone", default.zone),
        )
        if (inn or complete) and not is_inn(inn):
            values.refuse("inn", _("Write the INN: 10 or 12 digits."))
        for key in ("group", "key_name"):
            if len(getattr(settings, key)) > _LONGEST:
                values.refuse(key, _("At most %(most)d characters.") % {"most": _LONGEST})
        values.check()
        return settings


def _identity(values: Configuration, complete: bool) -> Identity | None:
    certificate, key = values.text("certificate"), values.text("certificate_key")
    if not (complete or (certificate and key)):
        return None
    if not certificate:
        values.refuse("certificate", _("Paste the certificate that OrangeData has issued."))
        return None
    if not key:
        values.refuse("certificate_key", _("Paste the key of the certificate."))
        return None
    try:
        return Identity.read(certificate, key, values.verbatim("certificate_password"))
    except Unreadable:
        values.refuse(
            "certificate",
            _(
                "The certificate and its key can't be read, or don't belong together: both are "
                "PEM, from -----BEGIN to the end."
            ),
        )
        return None


def _signing_key(values: Configuration, complete: bool) -> rsa.RSAPrivateKey | None:
    text = values.text("signing_key")
    if not text:
        if complete:
            values.refuse("signing_key", _("Paste the key that signs receipts."))
        return None
    try:
        return private_key(text)
    except Unreadable:
        values.refuse(
            "signing_key",
            _("It is no RSA key of 2048 bits or more, in PEM or in XML (RSAKeyValue)."),
        )
        return None
