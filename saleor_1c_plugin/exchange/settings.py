"""What the merchant sets about the exchange."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..store import current_store

PLUGIN = "exchange"
ENCODINGS = ("utf-8", "windows-1251")


@dataclass(frozen=True, slots=True)
class ExchangeSettings:
    """Settings of the exchange room; the password never shows in a representation."""

    login: str = ""
    password: str = field(default="", repr=False)
    encoding: str = "utf-8"
    use_zip: bool = True
    #: Bytes of one part.
    file_limit: int = 16 << 20
    dry_run: bool = False

    @classmethod
    def load(cls) -> "ExchangeSettings":
        """Settings as saved in the shop; what can't be used falls back to the default."""
        return cls.from_configuration(current_store().configuration(PLUGIN))

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "ExchangeSettings":
        """Settings from the plugin's configuration; missing keys mean defaults."""
        megabytes = str(saved.get("file_limit_mb") or "")
        encoding = str(saved.get("encoding") or "").strip().lower()
        return cls(
            login=str(saved.get("login") or "").strip(),
            password=str(saved.get("password") or ""),
            encoding=encoding if encoding in ENCODINGS else "utf-8",
            use_zip=_flag(saved.get("use_zip"), True),
            file_limit=int(megabytes) << 20 if megabytes.isdigit() and int(megabytes) else 16 << 20,
            dry_run=_flag(saved.get("dry_run"), False),
        )


def _flag(value: object, default: bool) -> bool:
    return default if value is None else value is True or str(value).lower() == "true"
