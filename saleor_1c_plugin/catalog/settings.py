"""What the merchant sets about the catalogue, read from the shop's configuration."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..configuration import Configuration, SettingsError, load, require_existing
from ..store.ports import FieldGroup, Missing
from .hashing import canonical

__all__ = ["ANY", "PLUGIN", "CatalogSettings", "SettingsError"]

PLUGIN = "catalog"
_OFF = gettext_lazy("The plugin “1C: catalogue” is switched off.")
#: In a mapping: whatever no other line names.
ANY = "*"
MAX_PICTURE_MB = 9999


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
    #: Sell for nothing what has a price of 0; otherwise that is no price.
    zero_price: bool = False
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
                self.zero_price,
                self.type_per_kind,
                self.deleted,
                self.max_picture_mb,
            ]
        )

    @classmethod
    def load(cls) -> "CatalogSettings":
        """Settings as saved in the shop.

        Raises
        ------
        SettingsError
            They can't be used; in Russian, for it is 1C's operator who reads that.
        """
        return load(PLUGIN, _OFF, cls.from_configuration)

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "CatalogSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            owned=frozenset(
                group for group in FieldGroup if values.flag(f"owns_{group.value}", True)
            ),
            price_types=values.mapping("price_types"),
            warehouses=values.mapping("warehouses"),
            kinds=values.mapping("kinds"),
            default_warehouse=values.text("default_warehouse"),
            stock_is_free=values.flag("stock_is_free", default.stock_is_free),
            zero_price=values.flag("zero_price", default.zero_price),
            type_per_kind=values.flag("type_per_kind", default.type_per_kind),
            missing_products=values.choice("missing_products", default.missing_products),
            missing_offers=values.choice("missing_offers", default.missing_offers),
            deleted=values.choice("deleted", default.deleted),
            stop_at_error=values.flag("stop_at_error", default.stop_at_error),
            max_picture_mb=values.whole("max_picture_mb", default.max_picture_mb, MAX_PICTURE_MB),
        )
        for kind, targets in settings.kinds.items():
            if len(targets) > 1:
                values.refuse(
                    "kinds", _("“%(name)s” is named twice: a card has one type.") % {"name": kind}
                )
        values.check()
        return settings

    def require_existing(self, channels: Collection[str], warehouses: Collection[str]) -> None:
        """Say whether the shop has what the mappings lead to.

        Parameters
        ----------
        channels, warehouses
            Slugs of the shop's.

        Raises
        ------
        SettingsError
            It hasn't.
        """
        default = [self.default_warehouse] if self.default_warehouse else []
        require_existing(
            {"price_types": chain(*self.price_types.values())},
            channels,
            {"warehouses": chain(*self.warehouses.values()), "default_warehouse": default},
            warehouses,
        )
