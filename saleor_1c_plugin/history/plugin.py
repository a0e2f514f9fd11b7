"""The journal as a plugin of Saleor's."""

from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse, HttpResponseNotFound
from saleor.permission.enums import AccountPermissions
from saleor.plugins.base_plugin import ConfigurationTypeField

from ..language import gettext_lazy as _
from ..plugin import OnecPlugin, Settings
from . import feed, pages
from .settings import HistorySettings

_DEFAULT = HistorySettings()

_SETTINGS: Settings = {
    "days": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.days),
        _("Events are kept, days"),
        _("So far back a system of yours can read what has happened. From 1 to 3650."),
    ),
    "cart_hours": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.cart_hours),
        _("A cart counts as left after, hours"),
        _(
            "Of nobody touching it, where the buyer has given an e-mail address; once for a cart. "
            "0: there is no such event. Up to 720."
        ),
    ),
    "webhooks": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Addresses that events are posted to"),
        _(
            "One a line, from https:// on, five at most. Each event comes there as JSON, those of "
            "an order one after another, and is sent again until the answer is 2xx. The schema is "
            "at https://<store>/plugins/saleor1c.history/schema."
        ),
    ),
    "secret": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Secret of the signatures"),
        _(
            "At least 16 letters. X-Onec-Signature is the HMAC-SHA256, in hex, of the header "
            "X-Onec-Timestamp, a full stop and the body."
        ),
    ),
    "kinds": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Events that are posted"),
        _("By blanks, commas or lines: order.placed order.paid. Empty: all. The feed has all."),
    ),
    "feed_token": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Token of the feed"),
        _(
            "At least 16 letters. Whoever sends it as “Authorization: Bearer” reads all events at "
            "https://<store>/plugins/saleor1c.history/feed?after=0&limit=100. Empty: nobody does."
        ),
    ),
}


class HistoryPlugin(OnecPlugin):
    """The journal of what has happened, which other plugins and systems read."""

    PLUGIN_ID = "saleor1c.history"
    PLUGIN_NAME = _("1C: events for other systems")
    PLUGIN_DESCRIPTION = _(
        "Keeps a journal of orders, payments, shipments, receipts and reservations, and tells "
        "other systems of it. Messages to buyers and CRMs need it, too. The journal is at "
        "https://<store>/plugins/saleor1c.history/ for staff who may manage customers; they log "
        "in there with the e-mail and the password of the dashboard."
    )
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        HistorySettings.from_configuration(values)

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Let systems of the merchant's own read, and show the journal to staff."""
        match (path or "").strip("/"):
            case "feed" if self.active:
                return feed.serve(request)
            case "schema" if self.active:
                return feed.serve_schema(request)
            case "":
                return self.for_staff(request, AccountPermissions.MANAGE_USERS, pages.show)
            case _:
                return HttpResponseNotFound()
