"""What 1C asks of the orders: those that are news, and the lists that it maps to its own."""

import io
import tempfile
import time
from typing import BinaryIO, cast

from django.http import HttpRequest

from ..commerceml.reference_lists import reference_lists
from ..orders import news, sources
from ..orders.outgoing import portions
from ..orders.outgoing.settings import OutgoingSettings
from ..report import Level
from ..store import current_orders
from . import journal
from .models import Exchange
from .protocol import Answer, Package, Query, Reply
from .settings import ExchangeSettings

#: Proxies in front of a shop commonly give up after a minute.
_LONGEST_WAIT = 50
_LOOK_EVERY = 1.0


def query(
    request: HttpRequest, query: Query, settings: ExchangeSettings, exchange: Exchange
) -> Answer:
    """Give the orders that 1C has not confirmed; with ``wait=`` seconds, wait for one.

    Asked again before it has confirmed them, 1C gets them again.
    """
    orders = OutgoingSettings.load()
    if query.wait:
        _await_news(min(query.wait, _LONGEST_WAIT))
    file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115
    portions.give(
        str(exchange.public_id), file, orders, asked=exchange.schema, encoding=settings.encoding
    )
    return Package(file)


def success(
    request: HttpRequest, query: Query, settings: ExchangeSettings, exchange: Exchange
) -> Reply:
    """1C has what this session was given; in a dry run it will be given the same again."""
    if not settings.dry_run and (count := portions.confirm(str(exchange.public_id))):
        journal.write(Level.INFO, f"1С получила заказов: {count}", exchange=exchange)
    return Reply.success()


def info(
    request: HttpRequest, query: Query, settings: ExchangeSettings, exchange: Exchange
) -> Answer:
    """Give the statuses and the ways to pay and to deliver, for 1C's dialog that maps them."""
    lists = current_orders().reference_lists()
    body = reference_lists(
        *(
            [(item.id, item.name) for item in entries]
            for entries in (
                (*lists.statuses, *sources.statuses()),
                lists.payments,
                lists.deliveries,
            )
        ),
        encoding=settings.encoding,
    )
    return Package(io.BytesIO(body))


def _await_news(seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not news.are_there() and (left := deadline - time.monotonic()) > 0:
        time.sleep(min(left, _LOOK_EVERY))
