"""Packages of orders as a site writes them, and a site that gives them out in portions."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .server import Reply, Request, obliging

ORDER = """<Контейнер><Документ><Ид>{id}</Ид><Номер>{number}</Номер><Дата>2026-03-01</Дата>
<Время>10:11:12</Время><ХозОперация>Заказ товара</ХозОперация><Роль>Продавец</Роль>
<Валюта>RUB</Валюта><Курс>1</Курс><Сумма>650.00</Сумма>
<Контрагенты><Контрагент><Ид>buyer#anna</Ид><Наименование>Анна Ли</Наименование>
<Роль>Покупатель</Роль></Контрагент></Контрагенты>
<Товары><Товар><Ид>cup#blue</Ид><Наименование>Чашка</Наименование>
<Единица><Ид>796</Ид><Код>796</Код><НаименованиеКраткое>шт</НаименованиеКраткое></Единица>
<Цена>100.00</Цена><Количество>3</Количество><Сумма>300.00</Сумма>
<Налоги><Налог><Наименование>НДС</Наименование><УчтеноВСумме>true</УчтеноВСумме>
<Сумма>54.10</Сумма><Ставка>22</Ставка></Налог></Налоги></Товар>
<Товар><Ид>ORDER_DELIVERY</Ид><Наименование>Курьер</Наименование>
<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>ТипНоменклатуры</Наименование>
<Значение>Услуга</Значение></ЗначениеРеквизита></ЗначенияРеквизитов>
<Цена>350.00</Цена><Количество>1</Количество><Сумма>350.00</Сумма></Товар></Товары>
</Документ>{others}</Контейнер>"""
PAYMENT = """<Документ><Ид>payment-{id}</Ид><Номер>p1</Номер><Дата>2026-03-01</Дата>
<ХозОперация>Эквайринговая операция</ХозОперация><Роль>Продавец</Роль><Валюта>RUB</Валюта>
<Курс>1</Курс><Сумма>{amount}</Сумма><Основание>{id}</Основание></Документ>"""


def order(number: int, paid: str = "") -> str:
    """An order of three cups at 100 and a courier at 350."""
    id_ = f"id-{number}"
    others = PAYMENT.format(id=id_, amount=paid) if paid else ""
    return ORDER.format(id=id_, number=number, others=others)


def package(*orders: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация '
        'xmlns="urn:1C.ru:commerceml_3" ВерсияСхемы="3.1" ДатаФормирования="2026-03-01T10:12:00">'
        f"{''.join(orders)}</КоммерческаяИнформация>"
    )


@dataclass
class Shop:
    """Gives out its orders; what was not confirmed comes again."""

    orders: list[str]
    portion: int = 2
    #: What was sent to it, by name.
    files: dict[str, bytes] = field(default_factory=dict)

    def __call__(self, request: Request) -> Reply:
        match request.mode:
            case "query":
                self._given = self.orders[: self.portion]
                return package(*self._given)
            case "success":
                del self.orders[: len(self._given)]
            case "file":
                self.files[request.query["filename"]] = request.body
        return obliging()(request)

    _given: Sequence[str] = ()
