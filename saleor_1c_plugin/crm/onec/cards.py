"""Accounts that have not ordered as documents for 1C, and when there is one to be told of.

The document is an order without goods whose state is that of a cancelled one: 1C makes the
counterparty that stands in it, keeps nothing for it, and shows it among no orders that are to be
done. It names the buyer by the same id as his orders will. An account that has ordered before 1C
asked goes in its order alone.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from ...configuration import SettingsError
from ...order_looks import LATEST_COMMIT
from ...orders import news
from ...orders.models import OrderRecord
from ...orders.outgoing.settings import OutgoingSettings
from ...orders.sources import SourcedOrder
from ...store import bulk, current_orders, current_store
from ...store.orders import Account, Address, Buyer, Named, Order, OrderStatus
from .models import Card, Seen
from .settings import OnecCrmSettings, is_on

#: With an account's number it is well below the 11 signs that many a 1C has for a number.
PREFIX = "acc-"
#: What 1C's operator knows it by.
STATUS = Named("account", "Карточка покупателя")
_BATCH = 500
_NOTE = "Карточка покупателя: он зарегистрирован на сайте и ещё ничего не заказывал"
_ERASED = "Покупатель попросил удалить его персональные данные"


class Cards:
    """The documents as a :class:`~saleor_1c_plugin.orders.sources.Source`."""

    name = "карточка покупателя"
    prefix = PREFIX
    is_withdrawn_by_deletion = False

    def read(self, document_ids: Sequence[str], zone: ZoneInfo) -> Mapping[str, SourcedOrder]:
        settings = OnecCrmSettings.load()
        place = _place()
        if settings is None or place is None:
            return {}
        ids = [one.removeprefix(PREFIX) for one in document_ids]
        cards = {
            row.customer: row for row in Card.objects.filter(customer__in=bulk.any_of(ids, "text"))
        }
        accounts = {
            buyer.id: (buyer, phone)
            for buyer, phone in current_orders().read_customers(list(cards))
        }
        ordered = current_orders().buyers_among(list(accounts))
        found = {}
        for customer, card in cards.items():
            if card.erased is not None:
                found[card_id(customer)] = _document(card, *place, Buyer(customer), "")
            elif settings.cards and customer in accounts:
                buyer, phone = accounts[customer]
                found[card_id(customer)] = _document(
                    card, *place, buyer, phone, has_ordered=customer in ordered
                )
        return found

    def changed_by_time(self) -> Collection[str]:
        return ()

    def statuses(self) -> Sequence[Named]:
        settings = OnecCrmSettings.load()
        return [STATUS] if settings is not None and settings.cards else []

    def delete(self, document_id: str) -> bool:
        """An account of the shop's is its buyer's, whatever 1C thinks of it."""
        return False


def card_id(customer: str) -> str:
    """Id of the document of an account."""
    return f"{PREFIX}{customer}"


def changed(customer_ids: Collection[str]) -> None:
    """Accounts were written; the shop calls it inside its transaction.

    1C is told of the change where it has the account's card, or waits for it.
    """
    if is_on():
        news.changed([card_id(one) for one in customer_ids], only_known=True)


def look_through(settings: OnecCrmSettings | None) -> None:
    """Find the accounts that were made since the last time."""
    if settings is None or not settings.cards:
        Seen.objects.filter(pk=1).update(paused=True)
        return
    seen = _seen(settings)
    moment, user_id = seen, ""
    while accounts := current_orders().registered_since(moment, user_id, _BATCH):
        moment, user_id = accounts[-1].made, accounts[-1].buyer.id
        with transaction.atomic():
            _add(accounts)
            Seen.objects.filter(pk=1, moment__lt=moment).update(moment=moment)


def _seen(settings: OnecCrmSettings) -> datetime:
    """From when on accounts are to be looked for; those of the last minutes are seen again."""
    now = timezone.now()
    row, _ = Seen.objects.get_or_create(pk=1, defaults={"began": now, "moment": now})
    since = settings.since.isoformat() if settings.since else ""
    began = settings.since_moment or row.began
    if row.since != since:
        row.since, row.moment = since, began
        row.save()
    if row.paused:
        with transaction.atomic():
            # What 1C asked for meanwhile it did not get, and that counts as told.
            untold = OrderRecord.objects.filter(order_id__startswith=PREFIX, digest="")
            news.changed(list(untold.values_list("order_id", flat=True)))
            Seen.objects.filter(pk=1).update(paused=False)
    return max(began, row.moment - LATEST_COMMIT)


def _add(accounts: Sequence[Account]) -> None:
    ids = [account.buyer.id for account in accounts]
    known = set(Card.objects.filter(customer__in=ids).values_list("customer", flat=True))
    fresh = [account for account in accounts if account.buyer.id not in known]
    rows = [Card(customer=account.buyer.id, made=account.made) for account in fresh]
    Card.objects.bulk_create(rows, ignore_conflicts=True)
    news.changed([card_id(account.buyer.id) for account in fresh])


def _place() -> tuple[str, str] | None:
    """A channel whose orders go to 1C, with its currency: a document needs one."""
    try:
        wanted = OutgoingSettings.load().channels
    except SettingsError:
        return None
    channels = [one for one in current_store().channels() if not wanted or one.slug in wanted]
    return (channels[0].slug, channels[0].currency) if channels else None


def _document(
    card: Card,
    channel: str,
    currency: str,
    buyer: Buyer,
    phone: str,
    *,
    has_ordered: bool = False,
) -> SourcedOrder:
    is_erased = card.erased is not None
    requisites = {
        "Вид документа": STATUS.name,
        # 1C closes it, and reserves nothing.
        "Отменен": "true",
        "Заказ оплачен": "false",
        "Удалить персональные данные": "true" if is_erased else "",
    }
    document_id = card_id(card.customer)
    order = Order(
        id=document_id,
        # УНФ tells of its orders by the site's number and an id of its own.
        number=document_id,
        # One that 1C has not been told of by then is none of its business.
        status=OrderStatus.CANCELLED if has_ordered else OrderStatus.UNCONFIRMED,
        channel=channel,
        currency=currency,
        created=card.made,
        updated=card.made,
        buyer=buyer,
        lines=(),
        total_net=Decimal(0),
        total_gross=Decimal(0),
        billing=Address(buyer.first_name, buyer.last_name, phone=phone),
        note=_ERASED if is_erased else _NOTE,
    )
    return SourcedOrder(order, STATUS, tuple(requisites.items()))
