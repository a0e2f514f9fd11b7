"""What the merchant sets about the exchange, read from the shop's configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ..store import current_store

PLUGIN = "exchange"

ENCODINGS = ("utf-8", "windows-1251")
#: A part of 1C's size is never above this; larger ones only make lost connections dearer.
MAX_FILE_LIMIT_MB = 1024


class SettingsError(ValueError):
    """A setting that can't be used; `field` is its key, the text is in the user's language."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class ExchangeSettings:
    """Settings of the exchange room; `file_limit_mb` is the size of the parts that 1C sends."""

    login: str = ""
    password: str = field(default="", repr=False)
    encoding: str = "utf-8"
    use_zip: bool = True
    file_limit_mb: int = 16
    dry_run: bool = False

    @property
    def file_limit(self) -> int:
        """Bytes."""
        return self.file_limit_mb << 20

    @classmethod
    def load(cls) -> "ExchangeSettings":
        """Settings as saved in the shop."""
        return cls.from_configuration(current_store().configuration(PLUGIN))

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "ExchangeSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()

        def text(key: str, otherwise: str) -> str:
            value = saved.get(key)
            return otherwise if value is None else str(value)

        def flag(key: str, otherwise: bool) -> bool:
            value = saved.get(key)
            return otherwise if value is None else value is True or str(value).lower() == "true"

        login = text("login", default.login).strip()
        if ":" in login:
            # HTTP Basic joins the two with a colon.
            raise SettingsError("login", _("The login must not contain a colon."))
        encoding = text("encoding", default.encoding).strip().lower() or default.encoding
        encoding = {"utf8": "utf-8", "cp1251": "windows-1251"}.get(encoding, encoding)
        if encoding not in ENCODINGS:
            raise SettingsError("encoding", _("The encoding is utf-8 or windows-1251."))
        megabytes = text("file_limit_mb", "").strip() or str(default.file_limit_mb)
        if not (megabytes.isascii() and megabytes.isdigit()) or not (
            1 <= int(megabytes) <= MAX_FILE_LIMIT_MB
        ):
            raise SettingsError(
                "file_limit_mb",
                _("The size of a part is given in whole megabytes, from 1 to %(most)d.")
                % {"most": MAX_FILE_LIMIT_MB},
            )
        return cls(
            login=login,
            password=text("password", default.password),
            encoding=encoding,
            use_zip=flag("use_zip", default.use_zip),
            file_limit_mb=int(megabytes),
            dry_run=flag("dry_run", default.dry_run),
        )
