"""Asking services after messages that nobody has told us of: ours to buyers, and buyers' to us."""

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from ...configuration import SettingsError
from ...outbox.errors import Retry
from ...store import current_store
from .. import incoming
from ..channel import channels
from ..models import Delivery, Heard
from .channel import SmsChannel
from .hearing import take

#: How long a service is given to tell of a message by itself.
PATIENCE = timedelta(minutes=5)
#: After which nothing more happens to a message.
_GIVEN_UP = timedelta(days=3)
#: Messages of a service that are asked for at a time.
_MOST = 200

State = Delivery.State

logger = logging.getLogger(__name__)


def ask_all() -> None:
    """Ask every service; one that does not answer is left alone until the next time."""
    for service in channels():
        if isinstance(service, SmsChannel):
            try:
                _ask(service)
            except (Retry, SettingsError) as error:
                logger.warning("%s can't be asked after messages: %s", service.title, error)


def _ask(service: SmsChannel) -> None:
    saved = current_store().configuration(service.name)
    if saved is None:
        return
    account = service.account(saved)
    for reference, address in _due(service):
        report = account.ask(address, reference)
        if report is not None:
            take(service, report)
    last = Heard.objects.filter(channel=service.name).order_by("-pk").first()
    for told in service.received(saved, last.reference if last else ""):
        incoming.receive(told)


def _due(service: SmsChannel) -> Iterator[tuple[str, str]]:
    """Id and phone of messages that are to be asked for now.

    The older one is, the longer it is left alone. When it was asked for last is known to the cache
    alone: what that forgets is asked for once more.
    """
    now = timezone.now()
    rows = Delivery.objects.filter(
        Q(state=State.SENT) | Q(state=State.DELIVERED, cost=None)
        if service.is_priced_later
        else Q(state=State.SENT),
        channel=service.name,
        is_told_later=True,
        sent__range=(now - _GIVEN_UP, now - PATIENCE),
    )
    found = 0
    known = rows.exclude(reference="").order_by("-sent")
    for reference, address, sent in known.values_list("reference", "address", "sent"):
        pause = max(PATIENCE, (now - (sent or now)) / 2).total_seconds()
        if address and cache.add(f"onec-sms:{service.name}:{reference}", True, timeout=pause):
            yield reference, address
            found += 1
        if found >= _MOST:
            return
