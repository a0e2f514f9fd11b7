"""What Telegram brings to the bot's address, and what it is answered."""

import hmac
import json
import logging
from collections.abc import Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse

from .. import incoming
from ..bots.messengers import Messenger
from . import NAME, updates
from .bot import link
from .settings import TelegramSettings

_HEADER = "X-Telegram-Bot-Api-Secret-Token"

logger = logging.getLogger(__name__)


class TelegramMessenger(Messenger):
    """See :class:`~saleor_1c_plugin.messaging.bots.messengers.Messenger`."""

    name = NAME

    def link(self, saved: Mapping[str, object], code: str) -> str:
        return link(TelegramSettings.from_configuration(saved), code)

    def receive(
        self, saved: Mapping[str, object] | None, request: HttpRequest, body: bytes
    ) -> HttpResponse:
        if saved is None:
            return HttpResponseNotFound()
        settings = TelegramSettings.from_configuration(saved)
        shown = request.headers.get(_HEADER, "")
        if not hmac.compare_digest(shown.encode(), settings.secret.encode()):
            logger.warning("What came to the Telegram bot was not from Telegram")
            return HttpResponse(status=HTTPStatus.FORBIDDEN)
        try:
            update = json.loads(body)
            told = updates.read(update, settings.bot_id)
        except (ValueError, RecursionError):
            return HttpResponse(status=HTTPStatus.BAD_REQUEST)
        if told is None:
            return HttpResponse()
        incoming.receive(told)
        if press := told.data.get("callback"):
            # A method in the answer is carried out: the button stops turning.
            return JsonResponse({"method": "answerCallbackQuery", "callback_query_id": press})
        return HttpResponse()
