"""The words of JSON tasks for what a receipt has, by the driver's script "myscripts_utils".

Rates of 5, 7 and 22% came after that copy: their names follow the driver's newer constants
(``LIBFPTR_TAX_VAT22`` and others), as those of the older rates do. They are ATOL Online's.
"""

from ..atol.words import VATS
from ..compose.document import (
    AgentKind,
    Kind,
    Means,
    Measure,
    PaymentMethod,
    PaymentObject,
    TaxSystem,
)

__all__ = ["AGENTS", "METHODS", "OBJECTS", "PAYMENTS", "TAX_SYSTEMS", "TYPES", "UNITS", "VATS"]

TYPES = {
    Kind.SELL: "sell",
    Kind.SELL_REFUND: "sellReturn",
    Kind.SELL_CORRECTION: "sellCorrection",
    Kind.SELL_REFUND_CORRECTION: "sellReturnCorrection",
}
TAX_SYSTEMS = {
    TaxSystem.OSN: "osn",
    TaxSystem.USN_INCOME: "usnIncome",
    TaxSystem.USN_INCOME_OUTCOME: "usnIncomeOutcome",
    TaxSystem.ESN: "esn",
    TaxSystem.PATENT: "patent",
}
METHODS = {
    PaymentMethod.FULL_PREPAYMENT: "fullPrepayment",
    PaymentMethod.PREPAYMENT: "prepayment",
    PaymentMethod.ADVANCE: "advance",
    PaymentMethod.FULL_PAYMENT: "fullPayment",
    PaymentMethod.PARTIAL_PAYMENT: "partialPayment",
    PaymentMethod.CREDIT: "credit",
    PaymentMethod.CREDIT_PAYMENT: "creditPayment",
}
OBJECTS = {
    PaymentObject.COMMODITY: "commodity",
    PaymentObject.EXCISE: "excise",
    PaymentObject.JOB: "job",
    PaymentObject.SERVICE: "service",
    PaymentObject.PAYMENT: "payment",
    PaymentObject.AGENT_COMMISSION: "agentCommission",
    PaymentObject.ANOTHER: "another",
    PaymentObject.EXCISE_WITHOUT_CODE: "exciseWithoutMarking",
    PaymentObject.EXCISE_WITH_CODE: "exciseWithMarking",
    PaymentObject.COMMODITY_WITHOUT_CODE: "commodityWithoutMarking",
    PaymentObject.COMMODITY_WITH_CODE: "commodityWithMarking",
}
PAYMENTS = {
    Means.CASH: "cash",
    Means.ELECTRONIC: "electronically",
    Means.PREPAID: "prepaid",
    Means.CREDIT: "credit",
    Means.OTHER: "other",
}
AGENTS = {
    AgentKind.BANK_PAYING_AGENT: "bankPayingAgent",
    AgentKind.BANK_PAYING_SUBAGENT: "bankPayingSubagent",
    AgentKind.PAYING_AGENT: "payingAgent",
    AgentKind.PAYING_SUBAGENT: "payingSubagent",
    AgentKind.ATTORNEY: "attorney",
    AgentKind.COMMISSION_AGENT: "commissionAgent",
    AgentKind.ANOTHER: "another",
}
UNITS = {
    Measure.PIECE: "piece",
    Measure.GRAM: "gram",
    Measure.KILOGRAM: "kilogram",
    Measure.TON: "ton",
    Measure.CENTIMETRE: "centimeter",
    Measure.DECIMETRE: "decimeter",
    Measure.METRE: "meter",
    Measure.SQUARE_CENTIMETRE: "squareCentimeter",
    Measure.SQUARE_DECIMETRE: "squareDecimeter",
    Measure.SQUARE_METRE: "squareMeter",
    Measure.MILLILITRE: "milliliter",
    Measure.LITRE: "liter",
    Measure.CUBIC_METRE: "cubicMeter",
    Measure.KILOWATT_HOUR: "kilowattHour",
    Measure.GIGACALORIE: "gkal",
    Measure.DAY: "day",
    Measure.HOUR: "hour",
    Measure.MINUTE: "minute",
    Measure.SECOND: "second",
    Measure.KILOBYTE: "kilobyte",
    Measure.MEGABYTE: "megabyte",
    Measure.GIGABYTE: "gigabyte",
    Measure.TERABYTE: "terabyte",
    Measure.OTHER: "otherUnits",
}
