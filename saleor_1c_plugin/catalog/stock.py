"""What the shop's stock figures already say."""

from collections.abc import Collection
from datetime import datetime

from ..commerceml.model import ItemKind
from ..store.ports import FieldGroup
from .models import RegisterEntry
from .settings import CatalogSettings, SettingsError


def told_since(onec_ids: Collection[str], moment: datetime) -> set[str]:
    """Those of the offers whose stock the shop has as 1C told it after `moment`.

    Whatever left 1C's warehouse before is off these figures. Not where 1C tells what is free: there
    the shop adds back what it holds for orders, and takes it off itself when it is shipped.
    """
    try:
        settings = CatalogSettings.load()
    except SettingsError:
        return set()
    if settings.stock_is_free or FieldGroup.STOCK not in settings.owned:
        return set()
    told = RegisterEntry.objects.filter(
        kind=ItemKind.OFFER,
        onec_id__in=onec_ids,
        print_stock__isnull=False,
        last_seen__gte=moment,
    )
    return set(told.values_list("onec_id", flat=True))
