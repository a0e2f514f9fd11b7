"""A receipt as the law knows it, whatever register prints it.

Numbers in comments are tags of the fiscal data format (FFD 1.2), approved by the tax service's
order of 14.09.2020 No. ЕД-7-20/662@; values of enumerations are those of that format.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum

#: :attr:`Item.line_id` of the delivery.
DELIVERY = "delivery"


class Kind(StrEnum):
    """What the receipt is for (1054), and whether it corrects another."""

    SELL = "sell"
    SELL_REFUND = "sell_refund"
    SELL_CORRECTION = "sell_correction"
    SELL_REFUND_CORRECTION = "sell_refund_correction"

    @property
    def is_refund(self) -> bool:
        """Money goes to the buyer."""
        return self in (Kind.SELL_REFUND, Kind.SELL_REFUND_CORRECTION)

    @property
    def is_correction(self) -> bool:
        return self in (Kind.SELL_CORRECTION, Kind.SELL_REFUND_CORRECTION)


class PaymentMethod(IntEnum):
    """How the money and the goods stand to each other (1214)."""

    FULL_PREPAYMENT = 1
    PREPAYMENT = 2
    #: For what, is not known yet: a gift card.
    ADVANCE = 3
    FULL_PAYMENT = 4
    #: Handed over, paid in part, the rest on credit.
    PARTIAL_PAYMENT = 5
    #: Handed over, nothing paid yet.
    CREDIT = 6
    CREDIT_PAYMENT = 7


class PaymentObject(IntEnum):
    """What is paid for (1212)."""

    COMMODITY = 1
    EXCISE = 2
    JOB = 3
    SERVICE = 4
    PAYMENT = 10
    AGENT_COMMISSION = 11
    ANOTHER = 13
    #: Goods to be marked: without a code, with one; of excise first.
    EXCISE_WITHOUT_CODE = 30
    EXCISE_WITH_CODE = 31
    COMMODITY_WITHOUT_CODE = 32
    COMMODITY_WITH_CODE = 33


class Vat(IntEnum):
    """Rate of the value-added tax (1199); the last two by the order of 08.12.2025 ЕД-7-20/1050@."""

    RATE_20 = 1
    RATE_10 = 2
    #: Calculated, of what includes it: for prepayments and advances.
    RATE_20_120 = 3
    RATE_10_110 = 4
    RATE_0 = 5
    NONE = 6
    RATE_5 = 7
    RATE_7 = 8
    RATE_5_105 = 9
    RATE_7_107 = 10
    RATE_22 = 11
    RATE_22_122 = 12


class TaxSystem(IntEnum):
    """Of the seller (1055)."""

    OSN = 1
    USN_INCOME = 2
    USN_INCOME_OUTCOME = 4
    ESN = 16
    PATENT = 32


class Means(StrEnum):
    """What it was paid with."""

    CASH = "cash"  # 1031
    ELECTRONIC = "electronic"  # 1081
    #: By what was paid before: set off now.
    PREPAID = "prepaid"  # 1215
    CREDIT = "credit"  # 1216
    OTHER = "other"  # 1217


#: Ways in which money changes hands.
MONEY = (Means.CASH, Means.ELECTRONIC)


class Measure(IntEnum):
    """Unit of the quantity (2108)."""

    PIECE = 0
    GRAM = 10
    KILOGRAM = 11
    TON = 12
    CENTIMETRE = 20
    DECIMETRE = 21
    METRE = 22
    SQUARE_CENTIMETRE = 30
    SQUARE_DECIMETRE = 31
    SQUARE_METRE = 32
    MILLILITRE = 40
    LITRE = 41
    CUBIC_METRE = 42
    KILOWATT_HOUR = 50
    GIGACALORIE = 51
    DAY = 70
    HOUR = 71
    MINUTE = 72
    SECOND = 73
    KILOBYTE = 80
    MEGABYTE = 81
    GIGABYTE = 82
    TERABYTE = 83
    OTHER = 255


class AgentKind(IntEnum):
    """On whose behalf the seller sells (1222)."""

    BANK_PAYING_AGENT = 1
    BANK_PAYING_SUBAGENT = 2
    PAYING_AGENT = 4
    PAYING_SUBAGENT = 8
    ATTORNEY = 16
    COMMISSION_AGENT = 32
    ANOTHER = 64


@dataclass(frozen=True, slots=True)
class Supplier:
    """Whose goods an agent sells (1224, 1226)."""

    name: str
    #: ИНН.
    tax_number: str
    #: E.164.
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fraction:
    """Part of a marked package (1291): `numerator` of `denominator` pieces."""

    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the receipt (1059).

    `amount` is what the register is told for the whole line, after discounts and with tax; it is
    `price` times `quantity` to the kopeck. `name` has at most 128 signs.
    """

    name: str
    price: Decimal
    quantity: Decimal
    amount: Decimal
    method: PaymentMethod
    object: PaymentObject
    vat: Vat
    measure: Measure = Measure.PIECE
    #: Of "Честный знак" (1163): as it was scanned, with its separators (GS, 0x1D).
    marking_code: str = ""
    fraction: Fraction | None = None
    agent: AgentKind | None = None
    supplier: Supplier | None = None
    #: Id of the order's line, or :data:`DELIVERY`; not printed. Empty for money without goods.
    line_id: str = ""
    #: Of a refund: part of the price is given back, and the goods are kept. Not printed.
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who gets the receipt (1008), and for whom it is made out (1227, 1228) where that is told."""

    email: str = ""
    #: E.164.
    phone: str = ""
    name: str = ""
    #: ИНН.
    tax_number: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """Why and when: by the seller itself, or on the tax service's order (1173, 1174)."""

    #: Of the sale that is corrected (1178).
    day: date
    on_order: bool = False
    #: Of the order (1179); empty where there is none.
    number: str = ""
    #: For people and for the books: what was wrong.
    reason: str = ""
    #: ФПД of the receipt that was wrong (1192); empty: there was none.
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a register is told.

    The sum of the items' amounts equals that of `paid`, to the kopeck.
    """

    kind: Kind
    tax_system: TaxSystem
    items: tuple[Item, ...]
    paid: Mapping[Means, Decimal]
    buyer: Buyer = field(default_factory=Buyer)
    correction: Correction | None = None
    #: Address of the store in the web (1187).
    place: str = ""
    #: The gateway that has moved the money ("saleor1c.yookassa"), and its own id of what it moved:
    #: of the payment, of a refund of the refund. For registers that a payment provider keeps, which
    #: register nothing but what they have moved; not printed.
    gateway: str = ""
    gateway_reference: str = ""

    @property
    def total(self) -> Decimal:
        """What the receipt is over (1020)."""
        return sum((item.amount for item in self.items), Decimal(0))

    @property
    def moved(self) -> Decimal:
        """Money that changes hands with it: not what is set off or owed."""
        return sum((self.paid.get(means, Decimal(0)) for means in MONEY), Decimal(0))
