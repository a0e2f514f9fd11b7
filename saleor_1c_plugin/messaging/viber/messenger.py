"""What Viber brings to the bot's address, and what it is answered."""

import hmac
import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.utils import timezone

from .. import incoming, outcomes, people
from ..bots import answers
from ..bots.messengers import Messenger
from ..commands import Said
from . import NAME
from .bot import link, message
from .callbacks import TRIAL, Opened, Outcome, read
from .settings import ViberSettings

#: So long a message's number may not be written down.
_PATIENCE = timedelta(minutes=5)
_HEADER = "X-Viber-Content-Signature"

logger = logging.getLogger(__name__)


class ViberMessenger(Messenger):
    """See :class:`~saleor_1c_plugin.messaging.bots.messengers.Messenger`."""

    name = NAME

    def link(self, saved: Mapping[str, object], code: str) -> str:
        return link(ViberSettings.from_configuration(saved), code)

    def receive(
        self, saved: Mapping[str, object] | None, request: HttpRequest, body: bytes
    ) -> HttpResponse:
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            return HttpResponse(status=HTTPStatus.BAD_REQUEST)
        if isinstance(told, dict) and told.get("event") == TRIAL:
            # It is tried while the settings are not saved yet; anybody may know that we are here.
            return HttpResponse()
        if saved is None:
            return HttpResponseNotFound()
        settings = ViberSettings.from_configuration(saved)
        shown = request.headers.get(_HEADER, "").lower()
        if not hmac.compare_digest(shown.encode(), settings.signature(body).encode()):
            logger.warning("What came to the Viber bot was not from Viber")
            return HttpResponse(status=HTTPStatus.FORBIDDEN)
        try:
            found = read(told)
        except ValueError:
            return HttpResponse(status=HTTPStatus.BAD_REQUEST)
        if isinstance(found, Opened):
            return _welcome(settings, found)
        if isinstance(found, Outcome):
            return HttpResponse(status=HTTPStatus.OK if _note(found) else HTTPStatus.CONFLICT)
        if found is not None:
            incoming.receive(found)
        return HttpResponse()


def _welcome(settings: ViberSettings, opened: Opened) -> HttpResponse:
    """What is said to somebody whom the bot may not speak to otherwise yet.

    The same brought again is answered by the same: a code is taken by a chat as often as it likes.
    """
    told = opened.said
    with transaction.atomic():
        text = answers.start(Said(told, people.linked(NAME, told.address), opened.code))
    return HttpResponse() if text is None else JsonResponse(message(settings, text))


def _note(outcome: Outcome) -> bool:
    """Write down what became of a message; ``False``: Viber is to tell it again.

    It may be told before the answer with the message's number is written down. Of a message that is
    not known for longer nobody here knows anything.
    """
    if outcome.failure:
        is_known = outcomes.undelivered(NAME, outcome.reference, outcome.failure)
    else:
        is_known = outcomes.delivered(NAME, outcome.reference)
    return is_known or outcome.at < timezone.now() - _PATIENCE
