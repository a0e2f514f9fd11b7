"""What Meta brings to the account's address, and what it is answered."""

import hmac
import json
import logging
import re
from collections.abc import Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseNotFound

from .. import incoming, outcomes
from ..bots.messengers import Messenger
from . import NAME
from .bot import link
from .events import Seen, read
from .settings import InstagramSettings

_HEADER = "X-Hub-Signature-256"
_CHALLENGE = re.compile(r"[A-Za-z0-9_.-]{1,200}")

logger = logging.getLogger(__name__)


class InstagramMessenger(Messenger):
    """See :class:`~saleor_1c_plugin.messaging.bots.messengers.Messenger`."""

    name = NAME

    def link(self, saved: Mapping[str, object], code: str) -> str:
        return link(InstagramSettings.from_configuration(saved), code)

    def verify(self, saved: Mapping[str, object] | None, request: HttpRequest) -> HttpResponse:
        """Show Meta that the address is the merchant's: it says a word that he has given it."""
        settings = _hearing(saved)
        if settings is None:
            return HttpResponseNotFound()
        asked = request.GET
        word, challenge = asked.get("hub.verify_token", ""), asked.get("hub.challenge", "")
        is_right = hmac.compare_digest(word.encode(), settings.verify_token.encode())
        if asked.get("hub.mode") != "subscribe" or not is_right:
            return HttpResponseForbidden()
        if not _CHALLENGE.fullmatch(challenge):
            return HttpResponse(status=HTTPStatus.BAD_REQUEST)
        return HttpResponse(challenge, content_type="text/plain")

    def receive(
        self, saved: Mapping[str, object] | None, request: HttpRequest, body: bytes
    ) -> HttpResponse:
        settings = _hearing(saved)
        if settings is None:
            return HttpResponseNotFound()
        shown = request.headers.get(_HEADER, "")
        if not hmac.compare_digest(shown.encode(), settings.signature(body).encode()):
            logger.warning("What came to the Instagram account was not from Meta")
            return HttpResponseForbidden()
        try:
            told = read(json.loads(body))
        except (ValueError, RecursionError):
            return HttpResponse(status=HTTPStatus.BAD_REQUEST)
        for one in told:
            if isinstance(one, Seen):
                # Of what a person has written there by hand nothing is known here.
                outcomes.delivered(NAME, one.reference)
            else:
                incoming.receive(one)
        return HttpResponse()


def _hearing(saved: Mapping[str, object] | None) -> InstagramSettings | None:
    """``None``: the account hears nothing."""
    if saved is None:
        return None
    settings = InstagramSettings.from_configuration(saved)
    return settings if settings.verify_token else None
