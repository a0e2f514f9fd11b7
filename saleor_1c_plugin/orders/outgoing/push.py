"""Orders to 1C at once, where it publishes an HTTP service that takes them.

One message an order waits in the outbox at most: it is composed when it is delivered, so that 1C
gets the order as it then is. An answer 2xx is 1C's confirmation.
"""

import io
from collections.abc import Collection
from uuid import uuid4

from django.utils import timezone

from ...commerceml import writer
from ...configuration import SettingsError
from ...outbox import http, messages
from ...outbox.models import Message
from ...remembered import Remembered
from ...store import current_orders
from .. import echo, sources
from ..models import OrderRecord
from .documents import Composer
from .settings import OutgoingSettings

TOPIC = "orders"
_DEFAULT_SCHEMA = "3.1"


def announce(order_ids: Collection[str]) -> None:
    """Have these orders pushed once the present transaction is committed, if that is set."""
    if _is_wanted():
        # What 1C refused was another state: this one shall not wait behind it for a person.
        dead = Message.State.DEAD
        refused = Message.objects.filter(topic=TOPIC, object__in=order_ids, state=dead)
        if refused.exists():
            messages.drop(refused)
        for order_id in order_ids:
            messages.append(TOPIC, order_id, {}, key=uuid4().hex, coalesce=True)


def deliver(message: Message) -> None:
    """Send the order to 1C, unless it knows it by now."""
    settings = OutgoingSettings.load()
    record = OrderRecord.objects.filter(order_id=message.object).first()
    if not settings.push_url or record is None:
        return
    if record.version <= record.confirmed:
        return
    (found,) = Composer(settings).documents([record])
    if found.container is None or not found.are_news:
        echo.pass_over([found])
        return
    body = io.BytesIO()
    writer.write(
        body,
        [found.container],
        schema=settings.schema or _DEFAULT_SCHEMA,
        encoding="utf-8",
        created=timezone.now().astimezone(settings.zone),
    )
    http.post(
        settings.push_url,
        body.getvalue(),
        # With the version: an order that is again as it was once is no repetition.
        key=f"{record.order_id}:{record.version}:{found.digest}",
        secret=settings.push_secret,
        content_type="text/xml; charset=utf-8",
    )
    # Each by itself: who writes an order locks it before its record, never the other way round.
    current_orders().mark_taken(sources.orders_among([record.order_id]))
    OrderRecord.objects.filter(
        pk=record.pk,
        confirmed__lt=record.version,
        # Another one where 1C has got the order wrong meanwhile: then this was no answer to it.
        digest=record.digest,
    ).update(confirmed=record.version, digest=found.digest)


@Remembered
def _is_wanted() -> bool:
    # A checkout writes its order several times.
    try:
        return bool(OutgoingSettings.load().push_url)
    except SettingsError:
        return False
