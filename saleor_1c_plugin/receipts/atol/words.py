"""The words of ATOL Online's protocol for what a receipt has.

Those of version 4 are of its document, table 2; rates of 5, 7 and 22% came later, and are as the
public client github.com/ili/atol-online (23.12.2025) has them for both versions.
"""

from ..compose.document import (
    AgentKind,
    Means,
    Measure,
    PaymentMethod,
    PaymentObject,
    TaxSystem,
    Vat,
)

#: 1055, in both versions.
TAX_SYSTEMS = {
    TaxSystem.OSN: "osn",
    TaxSystem.USN_INCOME: "usn_income",
    TaxSystem.USN_INCOME_OUTCOME: "usn_income_outcome",
    TaxSystem.ESN: "esn",
    TaxSystem.PATENT: "patent",
}
#: 1199, in both versions.
VATS = {
    Vat.RATE_20: "vat20",
    Vat.RATE_10: "vat10",
    Vat.RATE_20_120: "vat120",
    Vat.RATE_10_110: "vat110",
    Vat.RATE_0: "vat0",
    Vat.NONE: "none",
    Vat.RATE_5: "vat5",
    Vat.RATE_7: "vat7",
    Vat.RATE_5_105: "vat105",
    Vat.RATE_7_107: "vat107",
    Vat.RATE_22: "vat22",
    Vat.RATE_22_122: "vat122",
}
#: 1214, in both versions: words even where version 5 has numbers for objects.
METHODS = {method: method.name.lower() for method in PaymentMethod}
#: 1212 in version 4; in version 5 numbers stand for them.
OBJECTS = {
    PaymentObject.COMMODITY: "commodity",
    PaymentObject.EXCISE: "excise",
    PaymentObject.JOB: "job",
    PaymentObject.SERVICE: "service",
    PaymentObject.PAYMENT: "payment",
    PaymentObject.AGENT_COMMISSION: "agent_commission",
    PaymentObject.ANOTHER: "another",
}
#: Kinds of payment (1031, 1081, 1215, 1216, 1217), in both versions.
PAYMENTS = {
    Means.CASH: 0,
    Means.ELECTRONIC: 1,
    Means.PREPAID: 2,
    Means.CREDIT: 3,
    Means.OTHER: 4,
}
#: 1057 and 1222, in both versions.
AGENTS = {kind: kind.name.lower() for kind in AgentKind}
#: Those for whom the supplier's name and phone must be told, too.
PAYING_AGENTS = (
    AgentKind.BANK_PAYING_AGENT,
    AgentKind.BANK_PAYING_SUBAGENT,
    AgentKind.PAYING_AGENT,
    AgentKind.PAYING_SUBAGENT,
)
#: 1197 in version 4: for people, so that the usual short forms do; version 5 has 2108's numbers.
UNITS = {
    Measure.PIECE: "шт",
    Measure.GRAM: "г",
    Measure.KILOGRAM: "кг",
    Measure.TON: "т",
    Measure.CENTIMETRE: "см",
    Measure.DECIMETRE: "дм",
    Measure.METRE: "м",
    Measure.SQUARE_CENTIMETRE: "кв. см",
    Measure.SQUARE_DECIMETRE: "кв. дм",
    Measure.SQUARE_METRE: "кв. м",
    Measure.MILLILITRE: "мл",
    Measure.LITRE: "л",
    Measure.CUBIC_METRE: "куб. м",
    Measure.KILOWATT_HOUR: "кВт·ч",
    Measure.GIGACALORIE: "Гкал",
    Measure.DAY: "сутки",
    Measure.HOUR: "час",
    Measure.MINUTE: "мин",
    Measure.SECOND: "с",
    Measure.KILOBYTE: "Кбайт",
    Measure.MEGABYTE: "Мбайт",
    Measure.GIGABYTE: "Гбайт",
    Measure.TERABYTE: "Тбайт",
}
