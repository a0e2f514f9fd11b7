"""How we are let in: a long-lived token, or tokens that are renewed in time.

A refresh token works once. So one worker at a time renews, under a turn that ends by itself should
it die; the new pair is written down before anybody uses it; and it is asked for when the present
access token has half of its day left: whatever goes wrong with that, a lost answer too, is known
long before nobody is let in any more.
"""

import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ... import sealed
from ...outbox import pace
from ...outbox.calls import NoReply, Reply, exchange
from ...outbox.errors import Retry
from ..turns import turn
from .models import Access
from .settings import PLUGIN, AmoCrmSettings

logger = logging.getLogger(__name__)

#: Of the pace that all calls keep.
PACE = f"crm.{PLUGIN}"
#: Longer than this nobody waits in a worker's thread, in seconds.
PATIENCE = 8.0
_TURN = "access"
_BUSY = 2.0
_AFTER_LOSS = 30.0
#: With less left nobody begins a call.
_LEAST = timedelta(seconds=60)
#: Until a renewal that has failed is tried again, while the token still works.
_PAUSE = timedelta(minutes=10)
_MOST_LIFE = 10**8
_MOST_TEXT = 200


class NoAccess(Exception):
    """amoCRM lets us in no more; the text says what the merchant has to do."""


def rest(settings: AmoCrmSettings) -> float:
    """Seconds between two calls: a little more than what is allowed, for they do not arrive so
    evenly as they leave.
    """
    return 1.1 / settings.per_second


def token(settings: AmoCrmSettings, refused: str = "") -> str:
    """A token that works.

    Parameters
    ----------
    refused
        The one that amoCRM has just said to be none.

    Raises
    ------
    NoAccess
        The merchant has to authorise the shop anew.
    Retry
        There is none at this moment.
    """
    if settings.token:
        return settings.token
    row = _row(settings)
    present = "" if row is None else _tokens(row)["access"]
    now = timezone.now()
    works = row is not None and row.expires > now + _LEAST and present != refused
    if works and row is not None and row.renew > now:
        return present
    with turn(PLUGIN, [_TURN]) as mine:
        if mine:
            return _renewed(settings, refused)
    if works:
        return present
    raise Retry("Another worker renews the access to amoCRM", after=_BUSY)


def _renewed(settings: AmoCrmSettings, refused: str) -> str:
    """Have a new token; the turn is ours."""
    row = _row(settings)
    if row is None:
        given = {"grant_type": "authorization_code", "code": settings.code}
        return _kept(settings, _asked(settings, given))
    tokens = _tokens(row)
    now = timezone.now()
    works = row.expires > now + _LEAST and tokens["access"] != refused
    if works and row.renew > now:
        # Whoever had the turn before has renewed it.
        return tokens["access"]
    try:
        given = {"grant_type": "refresh_token", "refresh_token": tokens["refresh"]}
        return _kept(settings, _asked(settings, given))
    except (NoAccess, Retry) as error:
        if not works:
            raise
        logger.error("The access to amoCRM was not renewed, it ends %s: %s", row.expires, error)
        Access.objects.filter(pk=row.pk, tokens=row.tokens).update(renew=now + _PAUSE)
        return tokens["access"]


def _asked(settings: AmoCrmSettings, given: Mapping[str, str]) -> Mapping[str, Any]:
    pace.wait(PACE, rest(settings), patience=PATIENCE)
    try:
        reply = exchange(
            "POST",
            f"{settings.account}/oauth2/access_token",
            json={
                "client_id": settings.client_id,
                "client_secret": settings.client_secret,
                "redirect_uri": settings.redirect_uri,
                **given,
            },
            is_whole=True,
        )
    except NoReply as error:
        raise Retry(f"amoCRM: {error}", after=None if error.is_unsent else _AFTER_LOSS) from None
    said = reply.json or {}
    if reply.status == 200 and said.get("access_token") and said.get("refresh_token"):
        return said
    if reply.status == 429 or reply.status >= 500 or reply.status == 200:
        raise Retry(f"amoCRM gives no token now: HTTP {reply.status}", after=_AFTER_LOSS)
    raise NoAccess(
        _("amoCRM does not let us in (%(why)s): copy a new authorisation code into the settings")
        % {"why": _why(reply, said)}
    )


def _kept(settings: AmoCrmSettings, said: Mapping[str, Any]) -> str:
    """Write new tokens down, and only then give the one that works now."""
    access, refresh = str(said["access_token"]), str(said["refresh_token"])
    life = said.get("expires_in")
    seconds = min(int(life), _MOST_LIFE) if isinstance(life, int) and life > 0 else 0
    now = timezone.now()
    Access.objects.update_or_create(
        account=settings.account,
        client=settings.client_id,
        defaults={
            "code": settings.code_digest,
            "tokens": sealed.seal(json.dumps({"access": access, "refresh": refresh})),
            "expires": now + timedelta(seconds=seconds),
            "renew": now + timedelta(seconds=seconds / 2),
        },
    )
    return access


def _row(settings: AmoCrmSettings) -> Access | None:
    """What was got by the code of the settings."""
    rows = Access.objects.filter(account=settings.account, client=settings.client_id)
    return rows.filter(code=settings.code_digest).first()


def _tokens(row: Access) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(sealed.opened(row.tokens))
    except sealed.Unreadable:
        raise NoAccess(
            _("The shop's SECRET_KEY is another one: copy a new authorisation code")
        ) from None
    return found


def _why(reply: Reply, said: Mapping[str, Any]) -> str:
    text = said.get("hint") or said.get("detail") or said.get("title") or f"HTTP {reply.status}"
    return " ".join(str(text).split())[:_MOST_TEXT]
