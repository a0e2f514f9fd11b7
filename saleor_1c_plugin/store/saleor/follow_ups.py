"""What Saleor's own mutations do after their write, for whole batches."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from saleor.discount.utils.promotion import mark_active_catalogue_promotion_rules_as_dirty
from saleor.plugins.manager import PluginsManager, get_plugins_manager
from saleor.product.models import Product, ProductVariant
from saleor.webhook.event_types import WebhookEventAsyncType
from saleor.webhook.utils import get_webhooks_for_event

from ..ports import FollowUps
from . import stock_events
from .listeners import overridden

_BATCH = 500


def run(work: FollowUps) -> None:
    """Tell the webhooks and plugins that listen, and let promotions be calculated anew."""
    manager = get_plugins_manager(allow_replica=False)
    if work.channels_priced:
        mark_active_catalogue_promotion_rules_as_dirty(
            [int(channel_id) for channel_id in work.channels_priced]
        )
    created, variants_created = set(work.products_created), set(work.variants_created)
    _tell(manager, "product_created", Product, work.products_created)
    _tell(manager, "product_updated", Product, set(work.products_updated) - created)
    _tell(manager, "product_variant_created", ProductVariant, work.variants_created)
    _tell(
        manager,
        "product_variant_updated",
        ProductVariant,
        set(work.variants_updated) - variants_created,
    )
    if work.stocks_changed and stock_events.is_heard(manager):
        for batch in _batches(work.stocks_changed):
            stock_events.tell(manager, batch)


def _tell(manager: PluginsManager, event: str, model: type, ids: Collection[str]) -> None:
    if not ids:
        return
    webhooks = get_webhooks_for_event(getattr(WebhookEventAsyncType, event.upper()))
    if not webhooks and not overridden(manager, event):
        return
    call: Callable[..., Any] = getattr(manager, event)
    for batch in _batches(sorted({int(pk) for pk in ids})):
        for row in model.objects.filter(pk__in=batch).order_by("pk"):  # type: ignore[attr-defined]
            call(row, webhooks=webhooks)


def _batches[Item](items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
