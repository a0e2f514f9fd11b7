"""Messages to buyers as a plugin of Saleor's: their settings in the dashboard, their pages."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from saleor.permission.enums import OrderPermissions
from saleor.plugins.base_plugin import ConfigurationTypeField

from ..language import gettext_lazy as _
from ..plugin import OnecPlugin, Settings
from . import links, pages, preference_page
from .settings import RULES, MessagesSettings

_DEFAULT = MessagesSettings()

_SETTINGS: Settings = {
    "rules": (
        ConfigurationTypeField.MULTILINE,
        RULES,
        _("What is told, and where"),
        _(
            "A line each: order.placed total>=1000 = telegram, sms. The first channel is used that "
            "is switched on and reaches the buyer; the next one where a message does not arrive. "
            "Of an order's status: order.status:shipped = email. “#” begins a comment. What buyers "
            "are told is edited at https://<store>/plugins/saleor1c.messages/texts/."
        ),
    ),
    "language": (
        ConfigurationTypeField.STRING,
        _DEFAULT.language,
        _("Language"),
        _("Of the texts: ru or en. A buyer may choose the other one on his page."),
    ),
    "shop": (
        ConfigurationTypeField.STRING,
        "",
        _("Name of the store"),
        _("Stands for {shop} in the texts."),
    ),
    "place": (
        ConfigurationTypeField.STRING,
        "",
        _("Address of the store"),
        _("From https:// on; empty: the one that Saleor has."),
    ),
    "consent": (
        ConfigurationTypeField.STRING,
        " ".join(sorted(_DEFAULT.consent)),
        _("Only with consent"),
        _(
            "Kinds of events and channels, by blanks or commas, of which a buyer is told only once "
            "he has agreed on his page: cart.left viber. Messages about an order of his need no "
            "consent; advertising does (38-FZ, article 18). “no”: nothing needs it."
        ),
    ),
    "quiet": (
        ConfigurationTypeField.STRING,
        "22:00-09:00",
        _("Quiet hours"),
        _(
            "By the buyer's clock: the zone that he has chosen, or that of his phone number's "
            "country. What happens then is told when they are over. “no”: there are none."
        ),
    ),
    "urgent": (
        ConfigurationTypeField.STRING,
        " ".join(sorted(_DEFAULT.urgent)),
        _("Told in quiet hours, too"),
        _("Kinds of events, by blanks or commas. “no”: none."),
    ),
    "a_day": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.a_day),
        _("Messages a day"),
        _("To one buyer at most; what is more is not sent."),
    ),
    "fallback_minutes": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.fallback_minutes),
        _("The next channel is tried after, minutes"),
        _("Where a service is down, or has not said that its message has arrived."),
    ),
    "worth_hours": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.worth_hours),
        _("An event is news for, hours"),
        _("What could not be sent by then is not sent any more."),
    ),
    "time_zone": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.zone),
        _("Time zone"),
        _("Of buyers of whom no other one is known: Europe/Moscow."),
    ),
    "manager": (
        ConfigurationTypeField.STRING,
        "",
        _("E-mail of the manager"),
        _("Gets what buyers write that is no command."),
    ),
    "staff": (
        ConfigurationTypeField.STRING,
        "",
        _("Channels to staff"),
        _(
            "By blanks or commas: portal apprise. The first one that is switched on, and works, "
            "tells them what buyers write that is no command, and of customers who can't be told "
            "apart in a CRM. Of events they are told by rules: order.placed = portal."
        ),
    ),
    "days": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.days),
        _("Messages are kept, days"),
        _("So long they can be seen at https://<store>/plugins/saleor1c.messages/."),
    ),
}


class MessagesPlugin(OnecPlugin):
    """Tells buyers what happens to their orders, in the channel that reaches them."""

    PLUGIN_ID = "saleor1c.messages"
    PLUGIN_NAME = _("1C: messages to buyers")
    PLUGIN_DESCRIPTION = _(
        "Tells buyers of their orders, payments, parcels and reservations by the channels that are "
        "switched on in their own plugins. The messages, what SMS have cost, and the texts are at "
        "https://<store>/plugins/saleor1c.messages/ for staff who may manage orders; they log in "
        "there with the e-mail and the password of the dashboard."
    )
    CONFIGURATION_PER_CHANNEL = True
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        MessagesSettings.from_configuration(values, complete=active)

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Show a reader's page to whoever has its address, and the other pages to staff."""
        path = (path or "").lstrip("/")
        if path.startswith(links.PREFIX):
            return preference_page.serve(request, path.removeprefix(links.PREFIX))
        return self.for_staff(
            request, OrderPermissions.MANAGE_ORDERS, partial(pages.serve, path=path)
        )
