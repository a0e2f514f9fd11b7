"""What bots do when they are told to: link a chat, tell how orders are, extend a reservation.

All this is done in the transaction in which it is noted that it was said, and calls nobody.
"""

from datetime import datetime
from functools import wraps
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ...reservations import holds
from ...reservations.errors import Code, ReservationError
from ...store import current_orders
from .. import consent, people, quiet
from ..channel import Button, Incoming, Text
from ..commands import Handler, Said
from ..settings import MessagesSettings
from ..texts import LANGUAGES
from . import codes
from .states import describe

#: Orders that are told of at a time.
_MOST_ORDERS = 5
#: Texts that ask for them, in lower case.
STATUS_WORDS = (
    *("статус", "заказ", "заказы", "мой заказ", "мои заказы", "где мой заказ?", "где мой заказ"),
    *("status", "order", "orders", "my order", "my orders", "where is my order?"),
)


def in_language(answer: Handler) -> Handler:
    """Have it speak the language that the buyer has chosen; his application's; the shop's."""

    @wraps(answer)
    def speaking(said: Said) -> Text | None:
        told = said.incoming
        chosen = people.preference(told.channel, told.address).language
        known = chosen if chosen in LANGUAGES else _language(told)
        with translation.override(known or consent.usual_language()):
            return answer(said)

    return speaking


@in_language
def start(said: Said) -> Text:
    """Link the chat with whoever the code was made for; without one, say what can be said."""
    told = said.incoming
    if not said.argument:
        if not said.who.customer_id and not said.who.order_ids:
            return Text(_("Open the link to this chat in the store: then I know your orders."))
        return Text(_("I tell you how your orders are."), buttons=[_status_button()])
    try:
        owner = codes.take(told.channel, said.argument, told.address)
    except codes.TooManyGuesses:
        return Text(_("There were too many links that do not work. Try again in an hour."))
    except codes.NoSuchCode:
        return Text(_("This link does not work any more. Get a new one in the store."))
    people.link(told.channel, told.address, customer_id=owner.customer_id, order_id=owner.order_id)
    _welcome(told)
    if owner.customer_id:
        text = _("Done: you hear of your orders here. To hear no more, write /stop.")
    else:
        text = _("Done: you hear of this order here. To hear no more, write /stop.")
    return Text(text, buttons=[_status_button()])


@in_language
def status(said: Said) -> Text:
    """Tell how the orders are of whoever the chat belongs to; or one of them, by its number."""
    who = said.who
    mine = [*who.order_ids]
    if who.customer_id:
        mine += current_orders().orders_of(who.customer_id, _MOST_ORDERS)
    elif not mine:
        return Text(_("Open the link to this chat in the store: then I know your orders."))
    orders = current_orders().read_orders(list(dict.fromkeys(mine)))
    wanted = said.argument.strip().lstrip("#№")
    if wanted:
        orders = [order for order in orders if order.number == wanted]
    if not orders:
        return Text(_("There is no such order.") if wanted else _("You have no orders yet."))
    orders.sort(key=lambda order: order.created, reverse=True)
    return Text("\n\n".join(describe(order) for order in orders[:_MOST_ORDERS]))


@in_language
def extend(said: Said) -> Text:
    """Extend a reservation of the account that the chat belongs to, and of nobody else's."""
    hold = holds.find(said.argument)
    buyer = said.who.customer_id
    if hold is None or not buyer or hold.buyer_id != buyer:
        return Text(_("You have no such reservation."))
    try:
        (extended,) = holds.extend(hold.cart_id, [hold.line_id])
    except ReservationError as error:
        if error.code is Code.NOT_EXTENDABLE:
            return Text(_("It can't be extended any more."))
        return Text(_("It is not reserved any more."))
    until = _local(extended.ends, said.incoming, hold.channel)
    return Text(_("Reserved until %(until)s.") % {"until": until.strftime("%d.%m.%Y %H:%M")})


def gone(said: Said) -> None:
    """The chat is closed to us: nobody is reached there."""
    people.unlink(said.incoming.channel, said.incoming.address)


def _welcome(told: Incoming) -> None:
    """Who links a chat wants to hear something there, whatever he has said before."""
    row = people.preference(told.channel, told.address)
    consent.allow(row, told.channel, True)
    spoken = _language(told)
    if spoken and not row.language:
        row.language = spoken
        row.save(update_fields=["language"])


def _language(told: Incoming) -> str:
    """One of those that there are texts in; empty: the application says none of them."""
    spoken = told.data.get("language", "").partition("-")[0].lower()
    return spoken if spoken in LANGUAGES else ""


def _local(moment: datetime, told: Incoming, channel: str) -> datetime:
    """By the buyer's clock, where he has chosen a zone; else by the shop's."""
    settings = MessagesSettings.load(channel)
    shop = settings.zone if settings is not None else ZoneInfo(timezone.get_default_timezone_name())
    row = people.preference(told.channel, told.address)
    return timezone.localtime(moment, quiet.zone_of(row.zone, "", shop))


def _status_button() -> Button:
    return Button(_("How are my orders?"), command="status")
