"""Notifications: kept to the letter in one insert and answered at once, looked into by a worker.

Nothing that a notification says is believed. It names a payment; the provider is asked how that
payment is, and the answer is applied (:mod:`.applying`) as if it had been asked for anyway. So one
that is forged, repeated, late, or comes before the answer of our own call does no more than a
question too many.
"""

import hashlib
import logging
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound
from django.utils import timezone

from ..outbox import messages
from ..outbox.errors import Retry
from ..outbox.models import Message
from . import accounts, applying
from .applying import Foreign
from .asking import look
from .models import Attempt, Notification
from .provider import NoAnswer, Provider, Question, Rejected, Status, Subject, providers

TOPIC = "payments.notifications"
#: Bytes; those of providers are a few thousand.
MAX_BODY = 64 << 10
#: How long the payment that one names may be unknown: our own call may not have been answered.
PATIENCE = timedelta(hours=1)
#: How often the regular work looks for it again, in seconds.
_PAUSE = 60
_KEPT = timedelta(days=90)
_BATCH = 1000

logger = logging.getLogger(__name__)


def receive(provider: Provider, request: HttpRequest) -> HttpResponse:
    """Keep what a provider sends; the answer to it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    trusted = accounts.of_channels(provider).values()
    if not trusted:
        return HttpResponseNotFound()
    source = str(request.META.get("REMOTE_ADDR") or "")
    headers = {name.lower(): value for name, value in request.headers.items()}
    # Never `request.body`: that would read whatever comes.
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return HttpResponse(status=413)
    try:
        subject = provider.subject(body, headers)
    except ValueError:
        return HttpResponse(status=400)
    if subject.question is not None:
        return HttpResponse(_answer(provider, subject, subject.question), content_type="text/plain")
    if not any(account.trusts(source, headers, body) for account in trusted):
        logger.warning("A notification of %s was refused: it came from %s", provider.name, source)
        return HttpResponse(status=403)
    kept = {name: headers[name] for name in provider.headers if name in headers}
    keep(provider, subject, body, kept, source)
    return HttpResponse(provider.accepted, content_type=provider.accepted_type)


def keep(
    provider: Provider, subject: Subject, body: bytes, headers: Mapping[str, str], source: str
) -> None:
    """Write a notification down, once, and have it looked into."""
    values = {
        "body": body,
        "headers": dict(headers),
        "source": source[:45],
        "payment_id": subject.payment_id,
    }
    digest = hashlib.sha256(body).hexdigest()
    with transaction.atomic():
        row, is_new = Notification.objects.get_or_create(
            provider=provider.name, digest=digest, defaults=values
        )
        if is_new:
            _have_looked_into(row, "0")


def deliver(message: Message) -> None:
    """Look into a notification."""
    row = Notification.objects.filter(pk=message.payload["notification"]).first()
    provider = providers().get(row.provider) if row else None
    if row is None or provider is None or row.state != Notification.State.NEW:
        return
    body = bytes(row.body)
    subject = provider.subject(body, row.headers)
    attempt = _attempt_of(provider, subject)
    account = accounts.of_channel(provider, attempt.channel) if attempt else None
    if attempt is None or account is None:
        # Left for the regular work: a failure of this message would hold others up.
        if timezone.now() - row.received > PATIENCE:
            _end(row, Notification.State.ASIDE, "There is no such payment here")
        return
    try:
        if not account.verify(row.headers, body):
            _end(row, Notification.State.ASIDE, "The provider has not signed it")
            return
        applied = applying.apply(attempt.pk, look(account, attempt, subject.payment_id))
    except NoAnswer as error:
        raise Retry(str(error)) from None
    except (Rejected, Foreign) as error:
        _end(row, Notification.State.ASIDE, str(error))
    else:
        state = Notification.State.ASIDE if applied.problem else Notification.State.DONE
        _end(row, state, applied.problem)


def look_again() -> None:
    """Have those looked into whose payments were not known; forget old ones."""
    now = timezone.now()
    stale = now - timedelta(seconds=_PAUSE / 2)
    waiting = Notification.objects.filter(state=Notification.State.NEW, received__lt=stale)
    for row in waiting.order_by("pk").only("provider", "payment_id", "received")[:_BATCH]:
        age = (now - row.received).total_seconds()
        with transaction.atomic():
            _have_looked_into(row, f"{age // _PAUSE + 1:.0f}")
    old = Notification.objects.filter(received__lt=now - _KEPT)
    while pks := list(old.values_list("pk", flat=True)[:_BATCH]):
        Notification.objects.filter(pk__in=pks).delete()


def _have_looked_into(row: Notification, moment: str) -> None:
    messages.append(
        TOPIC,
        f"{row.provider}:{row.payment_id}",
        {"notification": row.pk},
        key=f"{row.pk}:{moment}",
    )


def _attempt_of(provider: Provider, subject: Subject) -> Attempt | None:
    rows = Attempt.objects.filter(provider=provider.name)
    found = rows.filter(payment_id=subject.payment_id).first()
    if found is None and subject.attempt:
        # Whose payment it is the provider will say; here it is only where to ask.
        try:
            found = rows.filter(pk=UUID(subject.attempt), payment_id="").first()
        except ValueError:
            return None
    return found


def _answer(provider: Provider, subject: Subject, question: Question) -> bytes:
    """Say whether a buyer may pay what the provider is about to take."""
    attempt = _attempt_of(provider, subject)
    if attempt is None:
        return b"There is no such payment"
    if attempt.status not in ("", Status.PENDING) or attempt.problem:
        return b"It can't be paid any more"
    if (attempt.amount, attempt.currency) != (question.amount, question.currency):
        return b"It is another amount"
    return provider.consent


def _end(row: Notification, state: Notification.State, reason: str = "") -> None:
    Notification.objects.filter(pk=row.pk).update(state=state, reason=reason[:255])
