"""Exports as 1C writes them, as large as wanted, the same at every call."""

import random
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

_WORDS = [
    *("стул", "стол", "шкаф", "лампа", "чашка", "чайник", "плед", "коврик", "полка", "зеркало"),
    *("ваза", "кресло", "комод", "корзина", "тумба", "дубовый", "белый", "складной", "угловой"),
    *("настольный", "мягкий", "большой", "керамический", "стальной"),
]
COLOURS = (
    ("Красный", "Синий", "Зелёный", "Белый", "Чёрный", "Серый", "Жёлтый", "Бежевый"),
    ("Дуб", "Бук", "Сосна", "Берёза", "Клён", "Ясень"),
    ("Россия", "Беларусь", "Китай", "Италия"),
)
#: Choices, a number, a switch, a text: what shops have.
PROPERTIES = ("Цвет", "Материал", "Сборка", "Высота", "Разборный", "Уход")
GROUPS = 40
_UNIT = (
    '<БазоваяЕдиница Код="796" НаименованиеПолное="Штука" МеждународноеСокращение="PCE">шт'
    "</БазоваяЕдиница>"
)


def _id(space: int, number: int) -> str:
    return str(UUID(int=(space << 96) + number * 0x9E3779B97F4A7C15 % (1 << 96)))


def product_id(number: int) -> str:
    return _id(1, number)


def article(number: int) -> str:
    return f"АРТ-{number:07d}"


def name(number: int) -> str:
    chosen = random.Random(number)
    return f"{' '.join(chosen.sample(_WORDS, 4))} {number}".capitalize()


def description(number: int) -> str:
    chosen = random.Random(-number)
    return " ".join(chosen.choices(_WORDS, k=30)).capitalize() + "."


def choices(number: int) -> list[tuple[int, int]]:
    """Which value of each of the three choice properties the product has."""
    return [(index, number * 7919 % len(values)) for index, values in enumerate(COLOURS)]


def _classifier() -> Iterator[str]:
    yield "<Группы>"
    for number in range(GROUPS):
        yield (
            f"<Группа><Ид>{_id(2, number)}</Ид><Наименование>Группа {number}</Наименование>"
            "</Группа>"
        )
    yield "</Группы><Свойства>"
    for index, title in enumerate(PROPERTIES):
        kind = ("Справочник", "Справочник", "Справочник", "Число", "Булево", "Строка")[index]
        yield (
            f"<Свойство><Ид>{_id(3, index)}</Ид><Наименование>{title}</Наименование>"
            f"<ТипЗначений>{kind}</ТипЗначений>"
        )
        if index < len(COLOURS):
            yield "<ВариантыЗначений>"
            for place, value in enumerate(COLOURS[index]):
                yield (
                    f"<Справочник><ИдЗначения>{_id(4 + index, place)}</ИдЗначения>"
                    f"<Значение>{value}</Значение></Справочник>"
                )
            yield "</ВариантыЗначений>"
        yield "</Свойство>"
    yield "</Свойства>"


def _product(number: int) -> str:
    values = [_id(4 + index, place) for index, place in choices(number)]
    values += [f"{number % 300},5", "true" if number % 2 else "false", f"Протирать, {number}"]
    properties = "".join(
        f"\n\t\t\t\t\t<ЗначенияСвойства>\n\t\t\t\t\t\t<Ид>{_id(3, index)}</Ид>\n"
        f"\t\t\t\t\t\t<Значение>{value}</Значение>\n\t\t\t\t\t</ЗначенияСвойства>"
        for index, value in enumerate(values)
    )
    return f"""
			<Товар>
				<Ид>{product_id(number)}</Ид>
				<Артикул>{article(number)}</Артикул>
				<Наименование>{name(number)}</Наименование>
				{_UNIT}
				<Группы>
					<Ид>{_id(2, number % GROUPS)}</Ид>
				</Группы>
				<Описание>{description(number)}</Описание>
				<ЗначенияСвойств>{properties}
				</ЗначенияСвойств>
				<СтавкиНалогов>
					<СтавкаНалога>
						<Наименование>НДС</Наименование>
						<Ставка>22</Ставка>
					</СтавкаНалога>
				</СтавкиНалогов>
				<ЗначенияРеквизитов>
					<ЗначениеРеквизита>
						<Наименование>ВидНоменклатуры</Наименование>
						<Значение>Мебель</Значение>
					</ЗначениеРеквизита>
					<ЗначениеРеквизита>
						<Наименование>ТипНоменклатуры</Наименование>
						<Значение>Товар</Значение>
					</ЗначениеРеквизита>
					<ЗначениеРеквизита>
						<Наименование>Полное наименование</Наименование>
						<Значение>{name(number)}</Значение>
					</ЗначениеРеквизита>
					<ЗначениеРеквизита>
						<Наименование>Вес</Наименование>
						<Значение>{1 + number % 9}</Значение>
					</ЗначениеРеквизита>
				</ЗначенияРеквизитов>
			</Товар>"""


def write_import(path: Path, count: int, start: int = 0) -> Path:
    """A full catalogue of `count` goods."""
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<КоммерческаяИнформация ВерсияСхемы="2.08" '
            'ДатаФормирования="2026-11-01T03:00:00">\n<Классификатор><Ид>bench</Ид>'
            "<Наименование>Классификатор</Наименование>"
        )
        file.writelines(_classifier())
        file.write(
            '</Классификатор>\n<Каталог СодержитТолькоИзменения="false"><Ид>bench</Ид>'
            "<ИдКлассификатора>bench</ИдКлассификатора><Наименование>Каталог</Наименование>\n\t\t<Товары>"
        )
        file.writelines(_product(number) for number in range(start, start + count))
        file.write("\n\t\t</Товары>\n</Каталог>\n</КоммерческаяИнформация>\n")
    return path


def _offer(number: int, price: int, quantity: int) -> str:
    return f"""
			<Предложение>
				<Ид>{product_id(number)}</Ид>
				<Артикул>{article(number)}</Артикул>
				<Наименование>{name(number)}</Наименование>
				{_UNIT}
				<Цены>
					<Цена>
						<Представление>{price},50 руб. за шт</Представление>
						<ИдТипаЦены>retail</ИдТипаЦены>
						<ЦенаЗаЕдиницу>{price}.5</ЦенаЗаЕдиницу>
						<Валюта>руб</Валюта>
						<Единица>шт</Единица>
						<Коэффициент>1</Коэффициент>
					</Цена>
				</Цены>
				<Количество>{quantity}</Количество>
			</Предложение>"""


def write_offers(path: Path, count: int, change: int = 0, start: int = 0) -> Path:
    """Offers of the same goods; another `change` changes every price and every quantity."""
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<КоммерческаяИнформация ВерсияСхемы="2.08" '
            'ДатаФормирования="2026-11-01T03:00:00">\n<ПакетПредложений '
            'СодержитТолькоИзменения="false"><Ид>bench#</Ид><Наименование>Предложения</Наименование>'
            "<ИдКаталога>bench</ИдКаталога><ИдКлассификатора>bench</ИдКлассификатора>"
            "<ТипыЦен><ТипЦены><Ид>retail</Ид><Наименование>Розничная</Наименование>"
            "<Валюта>руб</Валюта></ТипЦены></ТипыЦен>\n\t\t<Предложения>"
        )
        file.writelines(
            _offer(number, 100 + number % 900 + change, 1 + number % 50 + change)
            for number in range(start, start + count)
        )
        file.write("\n\t\t</Предложения>\n</ПакетПредложений>\n</КоммерческаяИнформация>\n")
    return path
