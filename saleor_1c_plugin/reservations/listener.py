"""What this room does when the shop tells of carts, stocks and payments."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from ..store.prepared import prepared
from . import events, onec, shortage
from .events import Event
from .models import End, Hold
from .review import review
from .settings import of_channels
from .tasks import review_soon


class Listener:
    """See :class:`~saleor_1c_plugin.store.carts.CartListener`."""

    def cart_changed(self, cart_id: str) -> datetime | None:
        channels = of_channels()
        if not channels:
            # The sweep ends what was held when the last one was switched off.
            return None
        is_automatic = any(settings.is_automatic for settings in channels.values())
        if is_automatic or self._is_concerned(cart_id):
            return review(cart_id, channels)
        return None

    def cart_opened(self, cart_id: str) -> datetime | None:
        return review(cart_id) if self._is_concerned(cart_id) else None

    def prices_end(self, cart_id: str) -> datetime | None:
        return next((row["end"] for row in _first_ends(cart_id)), None)

    def cart_bought(self, cart_id: str, order_id: str) -> None:
        now = timezone.now()
        rows = Hold.objects.unsettled().in_cart(cart_id)
        ended = list(rows)
        if not ended:
            return
        for hold in ended:
            if not hold.end and hold.ends > now:
                hold.end, hold.order_id = End.BOUGHT, order_id
            else:
                # It had ended before, and nobody had said so yet.
                hold.end = hold.end or End.EXPIRED
            hold.ended, hold.is_settled = hold.ended or now, True
        rows.bulk_update(ended, ["end", "ended", "order_id", "is_settled"])
        channels = of_channels()
        for hold in ended:
            events.announce(Event.ENDED, hold, channels.get(hold.channel))
        onec.changed([cart_id])

    def stock_changed(self, variant_ids: Collection[str]) -> None:
        if Hold.objects.live().filter(variant_id__in=variant_ids).exists():
            carts = shortage.release_newest(variant_ids)
            if carts:
                transaction.on_commit(lambda: review_soon(carts), robust=True)

    def payment_changed(self, cart_id: str) -> None:
        if self._is_concerned(cart_id):
            review(cart_id)

    def _is_concerned(self, cart_id: str) -> bool:
        return Hold.objects.unsettled().in_cart(cart_id).exists()


def _first_end(cart_id: str) -> Any:
    """The first moment at which a price that is frozen may be another one."""
    frozen = Hold.objects.unsettled().filter(cart_id=cart_id, price__isnull=False)
    return frozen.values("is_settled").annotate(end=Min("ends")).values("end")


_first_ends = prepared(_first_end, "a cart")
listener = Listener()
