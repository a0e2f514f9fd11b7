"""What the merchant sets about registers of his own, channel by channel."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError
from ...tax_numbers import is_inn

__all__ = ["AtolLocalSettings", "Place", "SettingsError"]

#: Names stand in lists of registers, by blanks and commas.
_NAME = re.compile(r"[\w.-]{1,64}")
_HOST = re.compile(r"[0-9A-Za-z.:-]{1,253}")
_DEVICE = re.compile(r"[\w.-]{1,64}")
_MOST_OPERATOR = 64


@dataclass(frozen=True, slots=True)
class Place:
    """Where a register is."""

    name: str
    #: Of its web server, as far as the port: "http://192.168.1.10:16732".
    server: str
    #: Which of several registers of one server; empty: the one that is used by default.
    device: str = ""


@dataclass(frozen=True, slots=True)
class AtolLocalSettings:
    """Settings of one channel."""

    #: In the order in which they are used.
    places: tuple[Place, ...] = ()
    #: Of the web servers, which are the same for all; empty: they ask for none.
    login: str = ""
    password: str = field(default="", repr=False)
    #: Who opens shifts and sells (1021, 1203); empty: the registers' own affair.
    operator: str = ""
    operator_inn: str = ""
    #: Nothing is printed on paper: the buyer gets the receipt by e-mail or phone alone.
    electronically: bool = True

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "AtolLocalSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            There must be a register.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            places=_places(values),
            login=values.text("login"),
            password=values.text("password"),
            operator=" ".join(values.text("operator").split()),
            operator_inn=values.text("operator_inn"),
            electronically=values.flag("electronically", default.electronically),
        )
        for key in ("login", "password"):
            if not getattr(settings, key).isascii():
                values.refuse(key, _("It consists of Latin letters and digits."))
        if ":" in settings.login:
            values.refuse("login", _("A login has no colon in it."))
        if len(settings.operator) > _MOST_OPERATOR:
            values.refuse(
                "operator", _("Write at most %(count)d signs.") % {"count": _MOST_OPERATOR}
            )
        if settings.operator_inn and not is_inn(settings.operator_inn):
            values.refuse("operator_inn", _("This is no ИНН: its check digits are wrong."))
        if settings.operator_inn and not settings.operator:
            values.refuse("operator", _("Write whose ИНН it is."))
        if complete and not settings.places:
            values.refuse("registers", _("Write at least one register."))
        values.check()
        return settings


def _places(values: Configuration) -> tuple[Place, ...]:
    places: dict[str, Place] = {}
    for number, line in enumerate(values.verbatim("registers").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, _equals, address = (part.strip() for part in line.partition("="))
        place = _place(name, address)
        if place is None:
            values.refuse(
                "registers",
                _("Line %(number)d: write it as “name = http://192.168.1.10:16732”.")
                % {"number": number},
            )
        elif name in places:
            values.refuse(
                "registers",
                _("Line %(number)d: there is a register “%(name)s” already.")
                % {"number": number, "name": name},
            )
        else:
            places[name] = place
    return tuple(places.values())


def _place(name: str, address: str) -> Place | None:
    """``None``: it is not written as it should be."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    queried = parse_qsl(parts.query, keep_blank_values=True)
    device = queried[0][1] if queried else ""
    is_right = (
        _NAME.fullmatch(name)
        and parts.scheme in ("http", "https")
        and _HOST.fullmatch(host)
        and parts.username is None
        and parts.path.rstrip("/") in ("", "/api/v2")
        and not parts.fragment
        and [key for key, _value in queried] in ([], ["deviceID"])
        and (not queried or _DEVICE.fullmatch(device))
    )
    if not is_right:
        return None
    shown = f"[{host}]" if ":" in host else host
    return Place(name, f"{parts.scheme}://{shown}" + (f":{port}" if port else ""), device)
