"""What the format of fiscal documents calls things in print (order ЕД-7-20/662@, appendix 2).

In Russian whatever the reader's language: a receipt is a document of Russian law.
"""

from ..compose.document import (
    AgentKind,
    Kind,
    Means,
    Measure,
    PaymentMethod,
    PaymentObject,
    TaxSystem,
    Vat,
)

RECEIPT = "Кассовый чек"
CORRECTION = "Кассовый чек коррекции"
#: Where the buyer can have it checked (1060).
TAX_SERVICE = "www.nalog.gov.ru"

#: 1054.
KINDS = {
    Kind.SELL: "Приход",
    Kind.SELL_REFUND: "Возврат прихода",
    Kind.SELL_CORRECTION: "Приход",
    Kind.SELL_REFUND_CORRECTION: "Возврат прихода",
}
#: 1214.
METHODS = {
    PaymentMethod.FULL_PREPAYMENT: "Предоплата 100%",
    PaymentMethod.PREPAYMENT: "Предоплата",
    PaymentMethod.ADVANCE: "Аванс",
    PaymentMethod.FULL_PAYMENT: "Полный расчет",
    PaymentMethod.PARTIAL_PAYMENT: "Частичный расчет и кредит",
    PaymentMethod.CREDIT: "Передача в кредит",
    PaymentMethod.CREDIT_PAYMENT: "Оплата кредита",
}
#: 1212.
OBJECTS = {
    PaymentObject.COMMODITY: "Товар",
    PaymentObject.EXCISE: "Подакцизный товар",
    PaymentObject.JOB: "Работа",
    PaymentObject.SERVICE: "Услуга",
    PaymentObject.PAYMENT: "Платеж",
    PaymentObject.AGENT_COMMISSION: "Агентское вознаграждение",
    PaymentObject.ANOTHER: "Иной предмет расчета",
    PaymentObject.EXCISE_WITHOUT_CODE: "Подакцизный товар, подлежащий маркировке, без кода",
    PaymentObject.EXCISE_WITH_CODE: "Подакцизный товар с кодом маркировки",
    PaymentObject.COMMODITY_WITHOUT_CODE: "Товар, подлежащий маркировке, без кода",
    PaymentObject.COMMODITY_WITH_CODE: "Товар с кодом маркировки",
}
#: 1199.
RATES = {
    Vat.RATE_22: "НДС 22%",
    Vat.RATE_20: "НДС 20%",
    Vat.RATE_10: "НДС 10%",
    Vat.RATE_7: "НДС 7%",
    Vat.RATE_5: "НДС 5%",
    Vat.RATE_22_122: "НДС 22/122",
    Vat.RATE_20_120: "НДС 20/120",
    Vat.RATE_10_110: "НДС 10/110",
    Vat.RATE_7_107: "НДС 7/107",
    Vat.RATE_5_105: "НДС 5/105",
    Vat.RATE_0: "НДС 0%",
    Vat.NONE: "Без НДС",
}
#: 1055.
TAX_SYSTEMS = {
    TaxSystem.OSN: "ОСН",
    TaxSystem.USN_INCOME: "УСН доход",
    TaxSystem.USN_INCOME_OUTCOME: "УСН доход - расход",
    TaxSystem.ESN: "ЕСХН",
    TaxSystem.PATENT: "Патент",
}
#: 1031, 1081, 1215, 1216, 1217.
MEANS = {
    Means.CASH: "Наличными",
    Means.ELECTRONIC: "Безналичными",
    Means.PREPAID: "Предварительная оплата (аванс)",
    Means.CREDIT: "Последующая оплата (кредит)",
    Means.OTHER: "Иная форма оплаты",
}
#: 2108.
MEASURES = {
    Measure.PIECE: "шт.",
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
    Measure.KILOWATT_HOUR: "кВт∙ч",
    Measure.GIGACALORIE: "Гкал",
    Measure.DAY: "сутки (день)",
    Measure.HOUR: "час",
    Measure.MINUTE: "мин",
    Measure.SECOND: "с",
    Measure.KILOBYTE: "Кбайт",
    Measure.MEGABYTE: "Мбайт",
    Measure.GIGABYTE: "Гбайт",
    Measure.TERABYTE: "Тбайт",
    Measure.OTHER: "иная ед. изм.",
}
#: 1222.
AGENTS = {
    AgentKind.BANK_PAYING_AGENT: "Банк. пл. агент",
    AgentKind.BANK_PAYING_SUBAGENT: "Банк. пл. субагент",
    AgentKind.PAYING_AGENT: "Пл. агент",
    AgentKind.PAYING_SUBAGENT: "Пл. субагент",
    AgentKind.ATTORNEY: "Поверенный",
    AgentKind.COMMISSION_AGENT: "Комиссионер",
    AgentKind.ANOTHER: "Агент",
}
