"""Documents of the sale: orders, payments and shipments, in both directions.

One set of dataclasses for what 1C sends and for what is sent to it: a document read here and
written again says the same. Sums are ``Decimal`` in the document's currency. Which elements each
schema has for them is the business of the reader and the writer.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from .model import TaxRate, Unit


class Operation(StrEnum):
    """``ХозОперация``, by the words of the published schema and of 1C's modules."""

    ORDER = "Заказ товара"
    INVOICE = "Счет на оплату"
    SHIPMENT = "Отпуск товара"
    RETURN = "Возврат товара"
    #: Money that the shop received, and money that it gave back.
    CASH_PAYMENT = "Выплата наличных денег"
    CASHLESS_PAYMENT = "Выплата безналичных денег"
    CARD_PAYMENT = "Эквайринговая операция"
    CASH_REFUND = "Возврат наличных денег"
    CASHLESS_REFUND = "Возврат безналичных денег"
    OTHER = "Прочее"


def operation_of(words: str) -> Operation | None:
    """Which operation `words` name, however they are spelt; ``None`` for one unknown."""
    return _OPERATIONS.get(_bare(words))


def _bare(words: str) -> str:
    return words.replace(" ", "").casefold().replace("ё", "е")


#: By its words without spaces and capitals; the schema says "Прочие".
_OPERATIONS = {**{_bare(item): item for item in Operation}, "прочие": Operation.OTHER}


@dataclass(frozen=True, slots=True)
class AddressField:
    """A field of an address by 1C's name for it ("Почтовый индекс", "Улица", …)."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class PostalAddress:
    #: The whole address in one line.
    text: str
    fields: tuple[AddressField, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to reach somebody, by 1C's name for it ("Почта", "Телефон рабочий", …)."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Representative:
    id: str
    name: str
    relation: str = "Контактное лицо"


@dataclass(frozen=True, slots=True)
class Counterparty:
    """``Контрагент``: a person, or a company when `is_company`."""

    id: str
    name: str
    role: str = "Покупатель"
    full_name: str = ""
    is_company: bool = False
    first_name: str = ""
    last_name: str = ""
    middle_name: str = ""
    inn: str = ""
    kpp: str = ""
    ogrn: str = ""
    okpo: str = ""
    #: Of a company its legal address, of a person that of registration.
    registered: PostalAddress | None = None
    address: PostalAddress | None = None
    contacts: tuple[Contact, ...] = ()
    representatives: tuple[Representative, ...] = ()
    comment: str = ""
    deleted: bool = False
    #: Name and value, as only 1C tells them: the group of a partner, who is responsible for him.
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentTax:
    """A tax of a line or of the document; `included` says that it is part of the sum."""

    name: str
    amount: Decimal
    rate: TaxRate | None = None
    included: bool = True


@dataclass(frozen=True, slots=True)
class DocumentDiscount:
    """A discount; `included` says that the sum is already less by it."""

    name: str
    amount: Decimal
    percent: Decimal | None = None
    included: bool = True
    comment: str = ""


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A line. `amount` is its sum as it stands in ``Сумма``; `price` that of one unit."""

    id: str
    name: str
    quantity: Decimal
    amount: Decimal
    price: Decimal | None = None
    article: str = ""
    barcode: str = ""
    unit: Unit | None = None
    catalog_id: str = ""
    taxes: tuple[DocumentTax, ...] = ()
    discounts: tuple[DocumentDiscount, ...] = ()
    #: Name and value, ``ВидНоменклатуры`` and ``ТипНоменклатуры`` among them.
    requisites: tuple[tuple[str, str], ...] = ()
    warehouse_id: str = ""
    #: Line of the file where it begins; 0 where it is of no file. No part of what it says.
    line: int = field(default=0, compare=False)

    @property
    def is_service(self) -> bool:
        """Whether it is no goods: delivery and the like."""
        return "Услуга" in (value for key, value in self.requisites if key == "ТипНоменклатуры")

    def requisite(self, name: str) -> str:
        """Value of the requisite called `name`, or ``""``."""
        return next((value for key, value in self.requisites if key == name), "")


@dataclass(frozen=True, slots=True)
class SitePayment:
    """``Оплаты/Оплата`` of schema 2.09."""

    number: str
    transaction: str
    at: datetime
    amount: Decimal
    method: str
    method_id: str = ""


@dataclass(frozen=True, slots=True)
class DocumentWarehouse:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document. `basis` is the id of the order that a payment or a shipment belongs to.

    ``kind`` keeps 1C's own words where they are none of :class:`Operation`'s.
    """

    id: str
    number: str = ""
    kind: str = Operation.ORDER
    issued: date | None = None
    issued_at: time | None = None
    role: str = "Продавец"
    #: ISO 4217 going out; as 1C wrote it ("руб") coming in.
    currency: str = ""
    rate: Decimal = Decimal(1)
    amount: Decimal = Decimal(0)
    basis: str = ""
    counterparties: tuple[Counterparty, ...] = ()
    lines: tuple[DocumentLine, ...] = ()
    taxes: tuple[DocumentTax, ...] = ()
    discounts: tuple[DocumentDiscount, ...] = ()
    payments: tuple[SitePayment, ...] = ()
    warehouses: tuple[DocumentWarehouse, ...] = ()
    requisites: tuple[tuple[str, str], ...] = ()
    comment: str = ""
    payment_due: date | None = None
    #: 1C's own number, date and (opaque) version of the object.
    onec_number: str = ""
    onec_issued: date | None = None
    version: str = ""
    deleted: bool = False
    #: Line of the file where it begins; 0 where it is of no file. No part of what it says.
    line: int = field(default=0, compare=False)

    @property
    def operation(self) -> Operation | None:
        """Which operation `kind` names, however it is spelt; ``None`` for one unknown."""
        return operation_of(self.kind)

    def requisite(self, name: str) -> str:
        """Value of the requisite called `name` (case doesn't matter), or ``""``."""
        wanted = name.casefold()
        return next((value for key, value in self.requisites if key.casefold() == wanted), "")


@dataclass(frozen=True, slots=True)
class Container:
    """An order with the payments and shipments that belong to it, as schema 3.1 groups them."""

    order: Document
    others: tuple[Document, ...] = ()
