"""The catalogue as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ..language import gettext_lazy as _
from ..plugin import OnecPlugin, Settings
from ..store import current_store
from .settings import CatalogSettings

_DEFAULT = CatalogSettings()

_MISSING = _(
    "leave: nothing happens; zero: the stock becomes 0; hide: it leaves the storefront until 1C "
    "names it again; delete: it is deleted from the store."
)
_EDITED = _("Off: a new product still gets it, and from then on what editors write stays.")
_NEVER = _("Off: 1C's are never written, not even for a new product.")

_SETTINGS: Settings = {
    "price_types": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Price types"),
        _(
            "One a line: “price type in 1C = slug of a channel”, by its name or id. * stands for "
            "all the others; a line that begins with # is a comment. Left empty, a channel gets "
            "the only price type in its currency."
        ),
    ),
    "warehouses": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Warehouses"),
        _(
            "One a line: “warehouse in 1C = slug of a warehouse”, by its name or id. Several may "
            "lead to one: they are added up. * stands for all the others. Left empty, the "
            "store's only warehouse takes everything."
        ),
    ),
    "default_warehouse": (
        ConfigurationTypeField.STRING,
        _DEFAULT.default_warehouse,
        _("Default warehouse"),
        _(
            "Slug of the warehouse for stock that 1C gives as one total, without warehouses. "
            "Left empty: where * leads, or the store's only one."
        ),
    ),
    "stock_is_free": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.stock_is_free,
        _("1C sends what is free, not what is on hand"),
        _(
            "On, where 1C has subtracted its own reserves: what the store holds for orders that "
            "1C took is then added back, so that nothing is subtracted twice."
        ),
    ),
    "zero_price": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.zero_price,
        _("A price of 0 is a price"),
        _(
            "Off: what has a price of 0 in 1C is not on sale, for there it usually means that "
            "nobody has set one. On: it is sold for nothing."
        ),
    ),
    "kinds": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Kinds of goods"),
        _(
            "One a line: “kind of goods in 1C = name of a product type”, in the very letters of "
            "1C. A type of yours with that name is taken, otherwise one is made; kinds that lead "
            "to one name share it. * stands for all the others, which else get a type of their "
            "own name."
        ),
    ),
    "type_per_kind": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.type_per_kind,
        _("A product type for each kind of goods"),
        _("Off: one product type for everything. A product keeps the type it was made with."),
    ),
    "missing_products": (
        ConfigurationTypeField.STRING,
        _DEFAULT.missing_products.value,
        _("Products missing from a full export"),
        _MISSING,
    ),
    "missing_offers": (
        ConfigurationTypeField.STRING,
        _DEFAULT.missing_offers.value,
        _("Offers missing from a full export"),
        _MISSING,
    ),
    "deleted": (
        ConfigurationTypeField.STRING,
        _DEFAULT.deleted.value,
        _("Goods marked for deletion in 1C"),
        _MISSING,
    ),
    "owns_name": (ConfigurationTypeField.BOOLEAN, True, _("1C owns the name"), _EDITED),
    "owns_description": (
        ConfigurationTypeField.BOOLEAN,
        True,
        _("1C owns the description"),
        _EDITED,
    ),
    "owns_category": (ConfigurationTypeField.BOOLEAN, True, _("1C owns the category"), _EDITED),
    "owns_properties": (
        ConfigurationTypeField.BOOLEAN,
        True,
        _("1C owns the properties"),
        _EDITED,
    ),
    "owns_pictures": (ConfigurationTypeField.BOOLEAN, True, _("1C owns the pictures"), _NEVER),
    "owns_price": (ConfigurationTypeField.BOOLEAN, True, _("1C owns the prices"), _NEVER),
    "owns_stock": (ConfigurationTypeField.BOOLEAN, True, _("1C owns the stock"), _NEVER),
    "max_picture_mb": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.max_picture_mb),
        _("Largest picture, MB"),
        _("A larger one is left out, and the journal says so."),
    ),
    "stop_at_error": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.stop_at_error,
        _("Stop at the first error"),
        _(
            "Off: what can't be written is named in the journal, and the rest goes on. On: the "
            "file fails, and only what its earlier batches wrote stays."
        ),
    ),
}


class CatalogPlugin(OnecPlugin):
    """What of 1C's catalogue goes where."""

    PLUGIN_ID = "saleor1c.catalog"
    PLUGIN_NAME = _("1C: catalogue")
    PLUGIN_DESCRIPTION = _(
        "What of 1C's catalogue goes where: price types, warehouses, and the fields that 1C owns."
    )
    DEFAULT_ACTIVE = True
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        settings = CatalogSettings.from_configuration(values)
        if active:
            store = current_store()
            settings.require_existing(
                [channel.slug for channel in store.channels()],
                [warehouse.slug for warehouse in store.warehouses()],
            )
