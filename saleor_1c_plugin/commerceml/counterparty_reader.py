"""``Контрагент``, inside a document or in a list of its own."""

from lxml import etree

from .documents import AddressField, Contact, Counterparty, PostalAddress, Representative
from .fields import Fields, fields_of, requisites_of
from .names import text_of
from .unreadable import is_deleted
from .vocabulary import CONTACT_SPELLINGS

_OGRN_DIGITS_OF_A_COMPANY = 13
_INN_DIGITS_OF_A_COMPANY = 10


def counterparty(element: etree._Element) -> Counterparty:
    """Read a counterparty.

    The schema tells companies from persons by what their names and addresses are called; real
    files mix both, so the numbers that only a company has count too.

    Raises
    ------
    Unreadable
        The deletion mark is neither yes nor no.
    """
    fields = fields_of(element)
    inn, kpp = fields.text("ИНН"), fields.text("КПП")
    ogrn = fields.text("ОГРН", "ЕГРПО")
    official = fields.text("ОфициальноеНаименование")
    return Counterparty(
        id=fields.text("Ид"),
        name=fields.text("Наименование"),
        role=fields.text("Роль") or "Покупатель",
        full_name=official or fields.text("ПолноеНаименование"),
        is_company=bool(official or kpp)
        or _is_of(ogrn, _OGRN_DIGITS_OF_A_COMPANY)
        or _is_of(inn, _INN_DIGITS_OF_A_COMPANY),
        first_name=fields.text("Имя"),
        last_name=fields.text("Фамилия"),
        middle_name=fields.text("Отчество"),
        inn=inn,
        kpp=kpp,
        ogrn=ogrn,
        okpo=fields.text("ОКПО", "КодПоОКПО"),
        registered=_address(fields, "ЮридическийАдрес", "АдресРегистрации"),
        address=_address(fields, "Адрес"),
        contacts=tuple(_contacts(fields)),
        representatives=tuple(
            _representative(entry) for entry in fields.inside("Представители", "Представитель")
        ),
        comment=fields.text("Комментарий"),
        deleted=is_deleted(element),
        attributes=tuple(
            (name, text_of(value))
            for name, value in requisites_of(fields.find("ЗначенияРеквизитов"))
        ),
    )


def _is_of(number: str, digits: int) -> bool:
    return len(number) == digits and number.isdigit()


def _address(fields: Fields, *names: str) -> PostalAddress | None:
    """Read the first of these addresses that says anything."""
    for name in names:
        element = fields.find(name)
        if element is None:
            continue
        entries = map(fields_of, fields.inside(name, "АдресноеПоле"))
        parts = tuple(
            AddressField(entry.text("Тип"), value)
            for entry in entries
            if (value := entry.text("Значение"))
        )
        text = fields_of(element).text("Представление") or text_of(element)
        if text or parts:
            return PostalAddress(text, parts)
    return None


def _contacts(fields: Fields) -> list[Contact]:
    found = []
    for entry in map(fields_of, fields.inside("Контакты", "Контакт")):
        kind, value = entry.text("Тип", "КонтактВид"), entry.text("Значение")
        if value:
            found.append(Contact(CONTACT_SPELLINGS.get(kind, kind), value))
    return found


def _representative(element: etree._Element) -> Representative:
    fields = fields_of(element)
    # 1C-Bitrix nests one level deeper than the schema says.
    if (inner := fields.find("Контрагент")) is not None:
        fields = fields_of(inner)
    return Representative(
        id=fields.text("Ид"),
        name=fields.text("Наименование", "ОфициальноеНаименование", "ПолноеНаименование"),
        relation=fields.text("Отношение") or "Контактное лицо",
    )
