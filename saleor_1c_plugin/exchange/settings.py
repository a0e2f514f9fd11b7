"""What the merchant sets about the exchange, read from the shop's configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import override

from ..commerceml.writer import Encoding
from ..configuration import Configuration, SettingsError
from ..store import current_store

__all__ = ["ENCODINGS", "PLUGIN", "ExchangeSettings", "SettingsError"]

PLUGIN = "exchange"

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "windows-1251")
_ALIASES = {"utf8": "utf-8", "cp1251": "windows-1251", "win-1251": "windows-1251"}
#: A part of 1C's size is never above this; larger ones only make lost connections dearer.
MAX_FILE_LIMIT_MB = 1024


@dataclass(frozen=True, slots=True)
class ExchangeSettings:
    """Settings of the exchange room; `file_limit_mb` is the size of the parts that 1C sends."""

    login: str = ""
    password: str = field(default="", repr=False)
    encoding: Encoding = "utf-8"
    use_zip: bool = True
    file_limit_mb: int = 16
    dry_run: bool = False

    @property
    def file_limit(self) -> int:
        """Bytes."""
        return self.file_limit_mb << 20

    @classmethod
    def load(cls) -> "ExchangeSettings":
        """Settings as saved in the shop.

        Raises
        ------
        SettingsError
            They can't be used; in Russian, for it is 1C's operator who reads that.
        """
        with override("ru"):
            return cls.from_configuration(current_store().configuration(PLUGIN) or {})

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "ExchangeSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        login = values.text("login", default.login)
        if ":" in login:
            # HTTP Basic joins the two with a colon.
            values.refuse("login", _("The login must not contain a colon."))
        named = values.text("encoding").lower() or default.encoding
        encoding = next((item for item in ENCODINGS if item == _ALIASES.get(named, named)), None)
        if encoding is None:
            values.refuse("encoding", _("The encoding is utf-8 or windows-1251."))
        settings = cls(
            login=login,
            password=values.verbatim("password", default.password),
            encoding=encoding or default.encoding,
            use_zip=values.flag("use_zip", default.use_zip),
            file_limit_mb=values.whole("file_limit_mb", default.file_limit_mb, MAX_FILE_LIMIT_MB),
            dry_run=values.flag("dry_run", default.dry_run),
        )
        values.check()
        return settings

    def require_login(self) -> None:
        """Say whether anybody could log in.

        Raises
        ------
        SettingsError
            The login or the password is not set.
        """
        faults = {}
        if not self.login:
            faults["login"] = _("Set a login: 1C can't log in without one.")
        if not self.password:
            faults["password"] = _("Set a password: 1C can't log in without one.")
        if faults:
            raise SettingsError(faults)
