"""What the merchant sets about the catalogue, read from the shop's configuration."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _

from ..store import current_store
from ..store.ports import FieldGroup, Missing
from .hashing import canonical

PLUGIN = "catalog"
#: In a mapping: whatever no other line names.
ANY = "*"


class SettingsError(ValueError):
    """A setting that can't be used; the text tells which line and why, in the user's language."""


def parse_mapping(text: str, title: str) -> dict[str, tuple[str, ...]]:
    """Lines ``name in 1C = name in the shop`` as a mapping.

    Parameters
    ----------
    text
        One pair a line; ``#`` begins a comment; several lines may share a left side.
    title
        The setting's title, for the message of an error.

    Raises
    ------
    SettingsError
        A line has no ``=``, or one of its sides is empty.
    """
    pairs: dict[str, list[str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        # 1C's ids hold "#" and "-" but never "=", names may hold "=": split at the last one.
        left, equals, right = (part.strip() for part in line.rpartition("="))
        if not equals or not left or not right:
            raise SettingsError(
                _("%(title)s, line %(number)d: write it as “name in 1C = name in the shop”.")
                % {"title": title, "number": number}
            )
        pairs.setdefault(left, []).append(right)
    return {left: tuple(rights) for left, rights in pairs.items()}


@dataclass(frozen=True)
class CatalogSettings:
    """Settings of the catalogue room.

    ``price_types`` and ``warehouses`` map an id or a name of 1C's to channels and warehouses of
    the shop (slugs); ``*`` stands for everything that isn't named.
    """

    owned: frozenset[FieldGroup] = frozenset(FieldGroup)
    price_types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warehouses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default_warehouse: str = ""
    stock_is_free: bool = False
    type_per_kind: bool = True
    missing_products: Missing = Missing.LEAVE
    missing_offers: Missing = Missing.LEAVE
    deleted: Missing = Missing.HIDE
    stop_at_error: bool = False
    max_picture_mb: int = 20

    @cached_property
    def digest(self) -> bytes:
        """Changes when any setting does, so that everything is looked at again."""
        return canonical(
            [
                self.owned,
                dict(self.price_types),
                dict(self.warehouses),
                dict(self.kinds),
                self.default_warehouse,
                self.stock_is_free,
                self.type_per_kind,
                self.deleted,
                self.max_picture_mb,
            ]
        )

    @classmethod
    def load(cls) -> "CatalogSettings":
        """Settings as saved in the shop."""
        return cls.from_configuration(current_store().configuration(PLUGIN))

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "CatalogSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()

        def text(key: str) -> str:
            value = saved.get(key)
            return "" if value is None else str(value).strip()

        def flag(key: str, otherwise: bool) -> bool:
            value = saved.get(key)
            return otherwise if value is None else value is True or str(value).lower() == "true"

        def policy(key: str, otherwise: Missing) -> Missing:
            if not text(key):
                return otherwise
            try:
                return Missing(text(key).lower())
            except ValueError:
                raise SettingsError(
                    _("“%(value)s” is none of: leave, zero, hide, delete.") % {"value": text(key)}
                ) from None

        owned = frozenset(group for group in FieldGroup if flag(f"owns_{group.value}", True))
        megabytes = text("max_picture_mb") or str(default.max_picture_mb)
        if not re.fullmatch(r"[1-9]\d{0,3}", megabytes):
            raise SettingsError(_("The largest picture is given in whole megabytes, from 1 on."))
        return cls(
            owned=owned,
            price_types=parse_mapping(text("price_types"), _("Price types")),
            warehouses=parse_mapping(text("warehouses"), _("Warehouses")),
            kinds=parse_mapping(text("kinds"), _("Kinds of goods")),
            default_warehouse=text("default_warehouse"),
            stock_is_free=flag("stock_is_free", default.stock_is_free),
            type_per_kind=flag("type_per_kind", default.type_per_kind),
            missing_products=policy("missing_products", default.missing_products),
            missing_offers=policy("missing_offers", default.missing_offers),
            deleted=policy("deleted", default.deleted),
            stop_at_error=flag("stop_at_error", default.stop_at_error),
            max_picture_mb=int(megabytes),
        )
