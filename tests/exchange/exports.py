"""A whole export, made up: as large as asked for, in two editions."""

import io
import zipfile
from functools import cache

from PIL import Image

_GROUPS = 12
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<КоммерческаяИнформация ВерсияСхемы="2.08">'


def export(goods: int, edition: int = 1) -> bytes:
    """A ZIP of ``import.xml``, ``offers.xml`` and pictures.

    The second edition leaves out every tenth of the goods, brings as many new ones, and differs
    in names, property values, pictures, prices and stock of others.
    """
    numbers = [
        number for number in range(goods * 11 // 10) if (number % 10 == 3) == (number >= goods)
    ] if edition == 2 else list(range(goods))  # fmt: skip
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in numbers:
            for path, content in _pictures(number, edition):
                archive.writestr(path, content)
        archive.writestr("import.xml", _catalogue(numbers, edition))
        archive.writestr("offers.xml", _offers(numbers, edition))
    return target.getvalue()


def _changed(number: int, edition: int, every: int) -> bool:
    return edition == 2 and number % every == 0


def _pictures(number: int, edition: int) -> list[tuple[str, bytes]]:
    if number % 4:
        return []
    # Several goods show the same picture, each under a path of its own.
    found = [(f"import_files/{number:02x}/front.png", picture(number % 60))]
    if number % 8 == 0:
        shade = 100 + number % 60 + (100 if _changed(number, edition, 3) else 0)
        found.append((f"import_files/{number:02x}/back.png", picture(shade)))
    return found


@cache
def picture(shade: int, size: tuple[int, int] = (160, 120)) -> bytes:
    """A PNG of one colour."""
    target = io.BytesIO()
    Image.new("RGB", size, (shade % 256, shade // 2 % 256, 90)).save(target, "PNG")
    # Ballast behind the end of the image: unpacking takes its time.
    return target.getvalue() + bytes([shade % 251]) * 20_000


def _catalogue(numbers: list[int], edition: int) -> str:
    groups = "".join(
        f"<Группа><Ид>g{top}</Ид><Наименование>Раздел {top}</Наименование><Группы>"
        + "".join(
            f"<Группа><Ид>g{top}-{low}</Ид><Наименование>Подраздел {low}</Наименование></Группа>"
            for low in range(3)
        )
        + "</Группы></Группа>"
        for top in range(_GROUPS // 3)
    )
    colours = "".join(
        f"<Справочник><ИдЗначения>c{n}</ИдЗначения><Значение>Цвет {n}</Значение></Справочник>"
        for n in range(5)
    )
    properties = (
        "<Свойство><Ид>colour</Ид><Наименование>Цвет</Наименование>"
        f"<ТипЗначений>Справочник</ТипЗначений><ВариантыЗначений>{colours}</ВариантыЗначений>"
        "</Свойство>"
        "<Свойство><Ид>depth</Ид><Наименование>Глубина</Наименование>"
        "<ТипЗначений>Число</ТипЗначений></Свойство>"
        "<Свойство><Ид>note</Ид><Наименование>Заметка</Наименование>"
        "<ТипЗначений>Строка</ТипЗначений></Свойство>"
    )
    cards = "".join(_card(number, edition) for number in numbers)
    return (
        f"{_HEAD}<Классификатор><Ид>K</Ид><Наименование>К</Наименование><Группы>{groups}</Группы>"
        f"<Свойства>{properties}</Свойства></Классификатор>"
        '<Каталог СодержитТолькоИзменения="false"><Ид>C</Ид><ИдКлассификатора>K'
        f"</ИдКлассификатора><Наименование>К</Наименование><Товары>{cards}</Товары></Каталог>"
        "</КоммерческаяИнформация>"
    )


def _card(number: int, edition: int) -> str:
    name = f"Товар {number}" + (" (новый)" if _changed(number, edition, 5) else "")
    pictures = "".join(f"<Картинка>{path}</Картинка>" for path, _ in _pictures(number, edition))
    values = (
        f"<ЗначенияСвойства><Ид>colour</Ид><Значение>c{number % 5}</Значение></ЗначенияСвойства>"
    )
    if not _changed(number, edition, 7):
        values += (
            f"<ЗначенияСвойства><Ид>depth</Ид><Значение>{number},5</Значение></ЗначенияСвойства>"
        )
    values += (
        f"<ЗначенияСвойства><Ид>note</Ид><Значение>Заметка {number} {'слово ' * 20}</Значение>"
        "</ЗначенияСвойства>"
    )
    return (
        f"<Товар><Ид>p{number}</Ид><Артикул>A-{number:05}</Артикул>"
        f"<Наименование>{name}</Наименование>"
        '<БазоваяЕдиница Код="796" НаименованиеПолное="Штука">шт</БазоваяЕдиница>'
        f"<Группы><Ид>g{number % 4}-{number % 3}</Ид></Группы>"
        f"<Описание>Описание товара {number}. {'Хороший товар. ' * 10}</Описание>{pictures}"
        f"<ЗначенияСвойств>{values}</ЗначенияСвойств>"
        "<СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>22</Ставка>"
        "</СтавкаНалога></СтавкиНалогов></Товар>"
    )


def _offers(numbers: list[int], edition: int) -> str:
    price_types = "".join(
        f"<ТипЦены><Ид>{own}</Ид><Наименование>{name}</Наименование><Валюта>{currency}</Валюта>"
        "</ТипЦены>"
        for own, name, currency in (("retail", "Розничная", "RUB"), ("dollar", "Доллар", "USD"))
    )
    warehouses = "".join(
        f"<Склад><Ид>{own}</Ид><Наименование>{name}</Наименование></Склад>"
        for own, name in (("w1", "Основной склад"), ("w2", "Магазин"))
    )
    body = "".join(
        _offer(number, variant, edition) for number in numbers for variant in range(1 + number % 2)
    )
    return (
        f'{_HEAD}<ПакетПредложений СодержитТолькоИзменения="false"><Ид>C#</Ид><ИдКаталога>C'
        "</ИдКаталога><ИдКлассификатора>K</ИдКлассификатора>"
        f"<ТипыЦен>{price_types}</ТипыЦен><Склады>{warehouses}</Склады>"
        f"<Предложения>{body}</Предложения></ПакетПредложений></КоммерческаяИнформация>"
    )


def _offer(number: int, variant: int, edition: int) -> str:
    own = f"p{number}" + (f"#v{variant}" if number % 2 else "")
    price = 100 + number + (1 if _changed(number, edition, 3) else 0)
    quantity = number % 7 + (5 if _changed(number, edition, 4) else 0)
    characteristics = (
        "<ХарактеристикиТовара><ХарактеристикаТовара><Наименование>Размер</Наименование>"
        f"<Значение>{variant}</Значение></ХарактеристикаТовара></ХарактеристикиТовара>"
        if number % 2
        else ""
    )
    return (
        f"<Предложение><Ид>{own}</Ид><Наименование>Товар {number}</Наименование>{characteristics}"
        f"<Цены><Цена><ИдТипаЦены>retail</ИдТипаЦены><ЦенаЗаЕдиницу>{price}.50</ЦенаЗаЕдиницу>"
        "<Валюта>RUB</Валюта></Цена><Цена><ИдТипаЦены>dollar</ИдТипаЦены>"
        f"<ЦенаЗаЕдиницу>{price // 10}</ЦенаЗаЕдиницу><Валюта>USD</Валюта></Цена></Цены>"
        f'<Склад ИдСклада="w1" КоличествоНаСкладе="{quantity}"/>'
        f'<Склад ИдСклада="w2" КоличествоНаСкладе="{quantity * 2}"/></Предложение>'
    )
