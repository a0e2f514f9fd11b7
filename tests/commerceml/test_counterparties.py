"""Counterparties, inside documents and in files of their own."""

from io import BytesIO

import pytest

from saleor_1c_plugin.commerceml.documents import (
    AddressField,
    Contact,
    Counterparty,
    Document,
    PostalAddress,
    Representative,
)
from saleor_1c_plugin.commerceml.errors import ValueFault
from saleor_1c_plugin.commerceml.inspect import inspect
from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.commerceml.reader import scan

from .packages import NAMESPACES, classifier, items, of_kind, only, package, summary

ADDRESS = (
    "<Представление>101000, Москва</Представление>"
    "<АдресноеПоле><Тип>Почтовый индекс</Тип><Значение>101000</Значение></АдресноеПоле>"
    "<АдресноеПоле><Тип>Корпус</Тип><Значение/></АдресноеПоле>"
)
READ_ADDRESS = PostalAddress("101000, Москва", (AddressField("Почтовый индекс", "101000"),))


def read(inside: str) -> Counterparty:
    body = f"<Контрагенты><Контрагент>{inside}</Контрагент></Контрагенты>"
    alone = only(package(body), Counterparty)
    assert only(package(f"<Документ>{body}</Документ>"), Document).counterparties == (alone,)
    return alone


def test_a_person() -> None:
    found = read(
        "<Ид>1</Ид><Наименование>Иванов</Наименование><Роль>Получатель</Роль>"
        "<ПолноеНаименование>Иванов Иван</ПолноеНаименование><Фамилия>Иванов</Фамилия>"
        "<Имя>Иван</Имя><Отчество>Петрович</Отчество><ИНН>770000000012</ИНН>"
        f"<АдресРегистрации>{ADDRESS}</АдресРегистрации><Адрес>{ADDRESS}</Адрес>"
        "<Комментарий>Звонить</Комментарий>"
    )
    assert found == Counterparty(
        "1",
        "Иванов",
        "Получатель",
        "Иванов Иван",
        first_name="Иван",
        last_name="Иванов",
        middle_name="Петрович",
        inn="770000000012",
        registered=READ_ADDRESS,
        address=READ_ADDRESS,
        comment="Звонить",
    )


def test_what_1c_s_people_note_of_it() -> None:
    found = read(
        "<Ид>1</Ид><ЗначенияРеквизитов>"
        "<ЗначениеРеквизита><Наименование>Группа</Наименование><Значение>Опт</Значение>"
        "</ЗначениеРеквизита><ЗначениеРеквизита><Наименование>Менеджер</Наименование><Значение/>"
        "</ЗначениеРеквизита></ЗначенияРеквизитов>"
    )
    assert found.attributes == (("Группа", "Опт"), ("Менеджер", ""))


@pytest.mark.parametrize(("ogrn", "okpo"), [("ЕГРПО", "ОКПО"), ("ОГРН", "КодПоОКПО")])
def test_a_company(ogrn: str, okpo: str) -> None:
    found = read(
        "<Ид>1</Ид><Наименование>Ромашка</Наименование>"
        "<ОфициальноеНаименование>ООО «Ромашка»</ОфициальноеНаименование>"
        f"<ЮридическийАдрес>{ADDRESS}</ЮридическийАдрес><ИНН>7700000001</ИНН><КПП>770001001</КПП>"
        f"<{ogrn}>1027700000001</{ogrn}><{okpo}>00000001</{okpo}>"
        "<РасчетныеСчета><РасчетныйСчет><НомерСчета>1</НомерСчета><Банк><Адрес>"
        "<Представление>чужой</Представление></Адрес></Банк></РасчетныйСчет></РасчетныеСчета>"
    )
    assert found == Counterparty(
        "1",
        "Ромашка",
        full_name="ООО «Ромашка»",
        is_company=True,
        inn="7700000001",
        kpp="770001001",
        ogrn="1027700000001",
        okpo="00000001",
        registered=READ_ADDRESS,
    )


@pytest.mark.parametrize(
    ("inside", "is_company"),
    [
        ("<ОфициальноеНаименование>ООО</ОфициальноеНаименование>", True),
        ("<ОфициальноеНаименование/>", False),
        ("<ПолноеНаименование>ООО</ПолноеНаименование><ИНН>7700000001</ИНН>", True),
        ("<ПолноеНаименование>ООО</ПолноеНаименование><КПП>770001001</КПП>", True),
        ("<ПолноеНаименование>ООО</ПолноеНаименование><ОГРН>1027700000001</ОГРН>", True),
        ("<ПолноеНаименование>ИП</ПолноеНаименование><ОГРН>304770000000001</ОГРН>", False),
        ("<ПолноеНаименование>ИП</ПолноеНаименование><ИНН>770000000012</ИНН>", False),
        ("<ПолноеНаименование>И</ПолноеНаименование><ИНН>12</ИНН><КПП/>", False),
    ],
)
def test_who_is_a_company(inside: str, is_company: bool) -> None:
    assert read(inside).is_company is is_company


def test_a_company_with_the_address_of_a_person() -> None:
    found = read(
        "<ОфициальноеНаименование>ООО</ОфициальноеНаименование><ЮридическийАдрес/>"
        f"<АдресРегистрации>{ADDRESS}</АдресРегистрации>"
    )
    assert found.registered == READ_ADDRESS


def test_an_address_in_one_line_or_none() -> None:
    assert read("<Адрес>Москва</Адрес>").address == PostalAddress("Москва")
    assert read("<Адрес><Представление/></Адрес>").address is None


def test_contacts_under_all_their_names() -> None:
    entry = "<Контакт><Тип>{}</Тип><Значение>{}</Значение></Контакт>"
    found = read(
        "<Контакты>"
        + entry.format("Электронная почта", "a@example.com")
        + entry.format("ТелефонРабочий", "1")
        + entry.format("Телефон мобильный", "2")
        + entry.format("Факс", "")
        + "<Контакт><КонтактВид>Почта</КонтактВид><Значение>b@example.com</Значение></Контакт>"
        + "</Контакты>"
    )
    assert found.contacts == (
        Contact("Почта", "a@example.com"),
        Contact("Телефон рабочий", "1"),
        Contact("Телефон мобильный", "2"),
        Contact("Почта", "b@example.com"),
    )


def test_representatives_in_both_nestings() -> None:
    inner = "<Отношение>Директор</Отношение><Ид>r</Ид><Наименование>Петров</Наименование>"
    for entry in (inner, f"<Контрагент>{inner}</Контрагент>"):
        found = read(f"<Представители><Представитель>{entry}</Представитель></Представители>")
        assert found.representatives == (Representative("r", "Петров", "Директор"),)
    bare = read(
        "<Представители><Представитель><ПолноеНаименование>П</ПолноеНаименование></Представитель>"
        "</Представители>"
    )
    assert bare.representatives == (Representative("", "П"),)


COUNTERPARTY = (
    "<Контрагент><Ид>{0}</Ид><Наименование>К{0}</Наименование><ПометкаУдаления>true</ПометкаУдаления>"
    "<Представители><Представитель><Контрагент><Ид>r</Ид></Контрагент></Представитель>"
    "</Представители></Контрагент>\n"
)
LIST = "<Контрагенты СодержитТолькоИзменения='true'>{}</Контрагенты>"


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_file_of_counterparties(namespace: str) -> None:
    body = LIST.format("".join(COUNTERPARTY.format(number) for number in range(3)))
    data = package(body, namespace=namespace, schema="3.1")
    found = [item for item in items(data)[1:] if isinstance(item, Counterparty)]
    assert [(item.id, item.name, item.deleted) for item in found] == [
        (str(number), f"К{number}", True) for number in range(3)
    ]
    assert [item.representatives for item in found] == [(Representative("r", ""),)] * 3


def test_counterparties_of_a_classifier() -> None:
    data = package(classifier(LIST.format(COUNTERPARTY.format(1) + COUNTERPARTY.format(2))))
    assert summary(list(scan(BytesIO(data)))) == [
        (ItemKind.PACKAGE, ""),
        (ItemKind.CLASSIFIER, "cls"),
        (ItemKind.COUNTERPARTY, "1"),
        (ItemKind.COUNTERPARTY, "2"),
    ]


def test_counterparties_of_documents_do_not_come_alone() -> None:
    body = f"<Документ><Ид>d</Ид>{LIST.format(COUNTERPARTY.format(1))}</Документ>"
    for wrapped in (body, f"<Контейнер>{body}</Контейнер>"):
        assert of_kind(package(wrapped), ItemKind.COUNTERPARTY) == []
        assert inspect(BytesIO(package(wrapped))).documents == 1


def test_a_bad_mark_spoils_one_counterparty() -> None:
    bad = "<Контрагент><Ид>x</Ид><ПометкаУдаления>?</ПометкаУдаления></Контрагент>"
    body = LIST.format(COUNTERPARTY.format(1) + bad + COUNTERPARTY.format(2))
    nodes = scan(BytesIO(package(body)))
    seen = []
    for node in nodes:
        if node.id == "x":
            with pytest.raises(ValueFault, match="признак"):
                node.parse()
        seen.append(node.id)
    assert seen == ["", "1", "x", "2"]
