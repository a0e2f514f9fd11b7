"""Files of documents as 1C writes them, and the shop's orders that they are about."""

from collections.abc import Mapping
from io import BytesIO

from django.db.models import F

from saleor_1c_plugin.orders.incoming.apply import import_documents
from saleor_1c_plugin.orders.models import OrderRecord
from saleor_1c_plugin.report import Level
from saleor_1c_plugin.sandbox.models import Order as Row
from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.store.orders import (
    Address,
    Buyer,
    LineChange,
    NewOrder,
    Order,
    OrderStatus,
)
from tests.catalog.support import Recorder
from tests.sandbox.goods import CHANNEL, goods

EMAIL, PHONE = "anna@example.com", "+79161234567"


class Journal(Recorder):
    """Remembers the lines of the file too."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []

    def problem(self, level: Level, message: str, *, line: int = 0, **about: str) -> None:  # type: ignore[override]
        self.lines.append(line)
        super().problem(level, message, line=line, **about)


def shop_order(
    *quantities: int,
    reference: str = "made",
    status: OrderStatus = OrderStatus.UNCONFIRMED,
    email: str = EMAIL,
    phone: str = PHONE,
) -> str:
    """An order of cup0, cup1, … at 100 each, that 1C has taken as it is; its id."""
    lines = tuple(
        LineChange(quantity, variant_id=str(goods(f"cup{number}").pk))
        for number, quantity in enumerate(quantities or (2,))
    )
    order_id = SandboxOrderStore().create_order(
        NewOrder(reference, CHANNEL, Buyer(email=email), lines, Address(phone=phone))
    )
    Row.objects.filter(key=order_id).update(status=status.value, onec_reference="")
    taken(order_id)
    return order_id


def taken(order_id: str) -> None:
    """1C has taken the order as it is now."""
    OrderRecord.objects.filter(order_id=order_id).update(confirmed=F("version"))


def read(order_id: str) -> Order:
    return SandboxOrderStore().read_orders([order_id])[0]


def send(*parts: str, created: str = "2026-01-01T12:00:00") -> Journal:
    report = Journal()
    import_documents(BytesIO(package(*parts, created=created).encode()), report)
    return report


def package(*parts: str, created: str = "2026-01-01T12:00:00") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<КоммерческаяИнформация ВерсияСхемы="2.09" ДатаФормирования="{created}">\n'
        + "\n".join(parts)
        + "\n</КоммерческаяИнформация>"
    )


def document(
    onec_id: str,
    *lines: str,
    kind: str = "Заказ товара",
    number: str = "",
    amount: str | None = None,
    currency: str = "руб.",
    basis: str = "",
    buyer: str = "",
    requisites: Mapping[str, str] | None = None,
    more: str = "",
) -> str:
    if amount is None:
        amount = str(sum(float(line.partition("<Сумма>")[2].partition("<")[0]) for line in lines))
    values = "".join(
        f"<ЗначениеРеквизита><Наименование>{name}</Наименование><Значение>{value}</Значение>"
        "</ЗначениеРеквизита>"
        for name, value in (requisites or {}).items()
    )
    return (
        f"<Документ><Ид>{onec_id}</Ид><Номер>{number}</Номер><Дата>2026-01-01</Дата>"
        f"<ХозОперация>{kind}</ХозОперация><Роль>Продавец</Роль><Валюта>{currency}</Валюта>"
        f"<Курс>1</Курс><Сумма>{amount}</Сумма><Основание>{basis}</Основание>"
        f"<Контрагенты>{buyer}</Контрагенты><Товары>{''.join(lines)}</Товары>"
        f"<ЗначенияРеквизитов>{values}</ЗначенияРеквизитов>{more}</Документ>"
    )


def line(key: str, quantity: str = "2", amount: str = "200", more: str = "") -> str:
    return (
        f"<Товар><Ид>{key}</Ид><Наименование>Чашка</Наименование><Количество>{quantity}"
        f"</Количество><Сумма>{amount}</Сумма>{more}</Товар>"
    )


def party(
    onec_id: str = "party-1", email: str = "", phone: str = "", name: str = "Анна", more: str = ""
) -> str:
    contacts = "".join(
        f"<Контакт><Тип>{kind}</Тип><Значение>{value}</Значение></Контакт>"
        for kind, value in (("Почта", email), ("Телефон рабочий", phone))
        if value
    )
    return (
        f"<Контрагент><Ид>{onec_id}</Ид><Наименование>{name}</Наименование>"
        f"<Роль>Покупатель</Роль>{more}<Контакты>{contacts}</Контакты></Контрагент>"
    )


def payment(order_id: str, amount: str = "200", onec_id: str = "pay-1", **more: str) -> str:
    fields = {"kind": "Выплата безналичных денег", "number": "О1", **more}
    return document(onec_id, amount=amount, basis=order_id, **fields)  # type: ignore[arg-type]
