"""Orders that a manager typed into 1C become orders of the shop's."""

from ...commerceml.documents import Counterparty, Document
from ...money import iso_currency
from ...report import Level
from ...store import current_store
from ...store.orders import Address, Buyer, NewOrder, OrderStore
from .. import customers
from ..customers import Tell
from . import matching
from .asked import Asked
from .errors import Refused
from .settings import IncomingSettings
from .steps import onec_metadata

#: 1C's names of the fields of an address that make up its street.
_STREET = ("улица", "дом", "корпус", "квартира")


def create(
    document: Document, asked: Asked, settings: IncomingSettings, store: OrderStore, tell: Tell
) -> str:
    """Make the order of a document that the shop has none for; its id.

    Raises
    ------
    Refused
        The document names goods or a currency that the channel hasn't, or its sums are wrong.
    Forbidden
        The shop can't sell these goods.
    """
    channels = {channel.slug: channel.currency for channel in current_store().channels()}
    currency = channels.get(settings.new_order_channel)
    if currency is None:
        raise Refused(f"В магазине нет канала {settings.new_order_channel} для новых заказов")
    require_currency(document, currency)
    matching.check_sums(document)
    variants = store.variants_by_key(matching.missing(None, document.lines))
    wanted = matching.new_lines(document, variants, currency)
    if any(matching.is_delivery(line) for line in document.lines):
        tell(Level.WARNING, "Доставка и услуги в заказ магазина не перенесены: только товары")
    party = customers.buyer_of(document)
    return store.create_order(
        NewOrder(
            reference=document.id,
            channel=settings.new_order_channel,
            buyer=customers.find_or_create(party, store, tell) if party else Buyer(),
            lines=wanted,
            address=_address(party) if party else None,
            note=document.comment,
            metadata=onec_metadata(asked),
        )
    )


def require_currency(document: Document, currency: str) -> None:
    """Refuse a document in another currency; one that names none is in the order's."""
    told = iso_currency(document.currency)
    if told not in ("", currency):
        raise Refused(f"Валюта документа {document.currency}, а заказа в магазине {currency}")


def _address(party: Counterparty) -> Address | None:
    postal = party.address or party.registered
    phone = next(iter(customers.phones(party)), "")
    if postal is None and not phone:
        return None
    first, last = ("", "") if party.is_company else customers.names(party)
    told = {item.kind.casefold(): item.value for item in postal.fields} if postal else {}
    street = ", ".join(told[kind] for kind in _STREET if told.get(kind))
    return Address(
        first_name=first,
        last_name=last,
        company=(party.full_name or party.name) if party.is_company else "",
        street_1=street or (postal.text if postal else ""),
        city=told.get("город") or told.get("населенный пункт", ""),
        district=told.get("район", ""),
        region=told.get("регион", ""),
        postal_code=told.get("почтовый индекс", ""),
        country_code="RU",
        country="Россия",
        phone=phone,
    )
