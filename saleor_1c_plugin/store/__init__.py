"""The ports of a shop, and the one shop that this process works for."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from .ports import CatalogStore

SALEOR = "saleor_1c_plugin.store.saleor.catalog.SaleorCatalogStore"


@cache
def _store(path: str) -> CatalogStore:
    store: CatalogStore = import_string(path)()
    return store


def current_store() -> CatalogStore:
    """The shop named by the Django setting ``ONEC_STORE``; Saleor where it is not set."""
    return _store(getattr(settings, "ONEC_STORE", SALEOR))
