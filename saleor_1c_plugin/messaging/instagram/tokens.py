"""Tokens of Instagram users live for sixty days, and are renewed in time; those of pages live on.

A token goes on working when it was renewed: where the answer is lost, it is asked for another day.
"""

import hashlib
import logging
from datetime import timedelta

from django.utils import timezone

from ...outbox.calls import NoReply
from ...sealed import Unreadable, opened, seal
from . import client
from .client import ApiError
from .models import Token
from .settings import InstagramSettings

#: So old one is renewed; Meta does that for those that are a day old at least.
_AGE = timedelta(days=7)

logger = logging.getLogger(__name__)


def newest(settings: InstagramSettings) -> str:
    """The token to be used now."""
    if settings.is_of_page:
        return settings.token
    row = Token.objects.filter(digest=_digest(settings)).exclude(sealed="").first()
    return settings.token if row is None else _opened(row, settings)


def renew(settings: InstagramSettings) -> bool:
    """Have the token renewed where it is time for that; whether it was."""
    if settings.is_of_page:
        return False
    now = timezone.now()
    Token.objects.exclude(digest=_digest(settings)).delete()
    row, _is_new = Token.objects.get_or_create(digest=_digest(settings), defaults={"since": now})
    if row.since > now - _AGE:
        return False
    try:
        given = client.renewed(settings, _opened(row, settings))
    except (ApiError, NoReply) as error:
        logger.warning("Instagram's token was not renewed: %s", error)
        return False
    # Another worker may have been faster: this one is as good as its.
    Token.objects.filter(pk=row.pk).update(sealed=seal(given), since=now)
    return True


def _opened(row: Token, settings: InstagramSettings) -> str:
    try:
        return opened(row.sealed) if row.sealed else settings.token
    except Unreadable:
        # The shop has another key now; the one in the settings may still do.
        return settings.token


def _digest(settings: InstagramSettings) -> str:
    return hashlib.sha256(settings.token.encode()).hexdigest()
