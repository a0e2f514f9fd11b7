"""Events about stock: Saleor 3.22 sends them by its plugins' manager, 3.23 by functions."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from saleor.plugins.manager import PluginsManager
from saleor.site.models import Site
from saleor.warehouse.models import Stock
from saleor.webhook.event_types import WebhookEventAsyncType
from saleor.webhook.utils import get_webhooks_for_event

from .listeners import overridden

try:
    from saleor.warehouse import channel_stock_availability as channels
    from saleor.warehouse.webhooks import stock_events as events
except ImportError:  # 3.22
    channels = events = None

#: Stock id, quantity before, quantity after.
Change = Sequence[Any]
_PREFIX = "product_variant_"
_HEARD_AS = ("stock_updated", "out_of_stock", "back_in_stock")


def is_heard(manager: PluginsManager) -> bool:
    """Whether anybody listens: there may be a stock for every offer of an export."""
    by_webhook = [
        event
        for event in WebhookEventAsyncType.ALL
        if event.startswith(_PREFIX) and any(part in event for part in _HEARD_AS)
    ]
    by_plugin = [f"{_PREFIX}{part}" for part in ("stocks_updated", *_HEARD_AS)]
    return any(get_webhooks_for_event(event) for event in by_webhook) or any(
        overridden(manager, event) for event in by_plugin
    )


def tell(manager: PluginsManager, changed: Sequence[Change]) -> None:
    """Send what Saleor sends itself when a staff member changes these stocks."""
    change = {int(row[0]): row for row in changed}
    gone: list[Stock] = []
    back: list[Stock] = []
    stocks = list(Stock.objects.filter(pk__in=change).order_by("pk"))
    for stock in stocks:
        # What is allocated to orders is not for sale.
        before, after = (int(n) - stock.quantity_allocated for n in change[stock.pk][1:])
        if before > 0 >= after:
            gone.append(stock)
        elif before <= 0 < after:
            back.append(stock)
    updated, out_of_stock, back_in_stock = _senders(manager)
    if stocks:
        updated(stocks)
    for stock in gone:
        out_of_stock(stock)
    for stock in back:
        back_in_stock(stock)
    if channels is not None:
        settings = Site.objects.get_current().settings
        if not settings.use_legacy_shipping_zone_stock_availability:
            channels.trigger_out_of_stock_in_channel_events_for_stocks(gone, settings)
            channels.trigger_back_in_stock_in_channel_events_for_stocks(back, settings)


def _senders(manager: PluginsManager) -> list[Callable[[Any], None]]:
    """Of changed stocks (all at once), of one that is sold out, of one that is back."""
    listening = [
        get_webhooks_for_event(event)
        for event in (
            WebhookEventAsyncType.PRODUCT_VARIANT_STOCK_UPDATED,
            WebhookEventAsyncType.PRODUCT_VARIANT_OUT_OF_STOCK,
            WebhookEventAsyncType.PRODUCT_VARIANT_BACK_IN_STOCK,
        )
    ]
    if events is None:
        senders = [
            manager.product_variant_stocks_updated,
            manager.product_variant_out_of_stock,
            manager.product_variant_back_in_stock,
        ]
    else:
        senders = [
            partial(trigger, requestor=None)
            for trigger in (
                events.trigger_product_variant_stocks_updated,
                events.trigger_product_variant_out_of_stock,
                events.trigger_product_variant_back_in_stock,
            )
        ]
    return [
        partial(send, webhooks=webhooks) for send, webhooks in zip(senders, listening, strict=True)
    ]
