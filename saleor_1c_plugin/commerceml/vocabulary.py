"""Words that the published schema (2.08, 2.09) prescribes, and what others say for them."""

from .documents import Operation

#: ``ХозОперацияТип``.
OPERATIONS = frozenset(
    {
        *(Operation.ORDER, Operation.INVOICE, Operation.SHIPMENT, Operation.RETURN),
        *(Operation.CASH_PAYMENT, Operation.CASH_REFUND),
        *(Operation.CASHLESS_PAYMENT, Operation.CASHLESS_REFUND),
        "Счет-фактура",
        "Передача товара на комиссию",
        "Возврат комиссионного товара",
        "Отчет о продажах комиссионного товара",
        "Отчет о списании комиссионного товара",
        "Переоценка товаров",
        "Передача прав",
        "Прочие",
    }
)
OTHER_OPERATION = "Прочие"

#: ``РольТип``.
ROLES = frozenset(
    {
        "Продавец",
        "Покупатель",
        "Плательщик",
        "Получатель",
        "Комитент",
        "Комиссионер",
        "Лицензиар",
        "Лицензиат",
    }
)

#: ``АдресТип``.
ADDRESS_FIELDS = frozenset(
    {
        "Почтовый индекс",
        "Страна",
        "Регион",
        "Район",
        "Населенный пункт",
        "Город",
        "Улица",
        "Дом",
        "Корпус",
        "Квартира",
    }
)

#: ``КонтактТип``.
CONTACTS = frozenset(
    {
        "Телефон внутренний",
        "Телефон рабочий",
        "Телефон мобильный",
        "Телефон домашний",
        "Пейджер",
        "Факс",
        "Почта",
        "ICQ",
        "ВебСайт",
        "Координаты на карте",
        "Прочее",
    }
)
OTHER_CONTACT = "Прочее"
EMAIL, EMAIL_OF_SCHEMA_3 = "Почта", "Электронная почта"
#: What 1C-Bitrix calls contacts → the schema's word.
CONTACT_SPELLINGS = {"ТелефонРабочий": "Телефон рабочий", EMAIL_OF_SCHEMA_3: EMAIL}
