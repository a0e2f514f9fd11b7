"""``Контрагент`` of a document."""

from .documents import Contact, Counterparty, PostalAddress, Representative
from .forms import Form
from .markup import COMMENT, GLOBAL_ID, element, flag, optional, wrap
from .vocabulary import (
    ADDRESS_FIELDS,
    CONTACTS,
    EMAIL,
    EMAIL_OF_SCHEMA_3,
    OTHER_CONTACT,
    ROLES,
)

#: ``ИННТип``, ``КППТип``: of another length they are no such numbers and make a file invalid.
_INN_DIGITS, _KPP_DIGITS = range(10, 13), 9
_ADDRESS_FIELDS_AT_MOST = 10


def counterparty(item: Counterparty, form: Form) -> str:
    """Write a counterparty, as a company or as a person.

    A company has no room for a person's first, last and middle name, a person none for OGRN and
    OKPO. Without a full name the short one stands for it, since the schema demands one.
    """
    parts = [optional("Ид", item.id, GLOBAL_ID)]
    if item.deleted and form.containers:
        parts.append(flag("ПометкаУдаления", True))
    parts.append(optional("Наименование", item.name))
    numbers = ""
    if len(item.inn) in _INN_DIGITS:
        numbers += element("ИНН", item.inn)
    if len(item.kpp) == _KPP_DIGITS:
        numbers += element("КПП", item.kpp)
    full_name = item.full_name or item.name
    if item.is_company:
        parts += (
            element("ОфициальноеНаименование", full_name),
            _address("ЮридическийАдрес", item.registered, form),
            numbers,
            optional("ЕГРПО", item.ogrn),
            optional("КодПоОКПО" if form.containers else "ОКПО", item.okpo),
        )
    else:
        parts += (
            element("ПолноеНаименование", full_name),
            optional("Фамилия", item.last_name),
            optional("Имя", item.first_name),
            optional("Отчество", item.middle_name),
            numbers,
            _address("АдресРегистрации", item.registered, form),
        )
    parts += (
        optional("Комментарий", item.comment, COMMENT),
        _address("Адрес", item.address, form),
        wrap("Контакты", "".join(_contact(entry, form) for entry in item.contacts)),
        wrap(
            "Представители", "".join(_representative(each, form) for each in item.representatives)
        ),
        element("Роль", item.role if item.role in ROLES else "Покупатель"),
    )
    return f"<Контрагент>{''.join(parts)}</Контрагент>"


def _address(name: str, address: PostalAddress | None, form: Form) -> str:
    """Write an address; of its parts those that the schema has a word for, and ten at most."""
    if address is None:
        return ""
    known = [part for part in address.fields if form.containers or part.kind in ADDRESS_FIELDS]
    parts = "".join(
        f"<АдресноеПоле>{element('Тип', part.kind)}{element('Значение', part.value)}</АдресноеПоле>"
        for part in known[:_ADDRESS_FIELDS_AT_MOST]
    )
    return f"<{name}>{element('Представление', address.text)}{parts}</{name}>"


def _contact(contact: Contact, form: Form) -> str:
    kind = contact.kind
    if form.containers:
        kind = EMAIL_OF_SCHEMA_3 if kind == EMAIL else kind
    elif kind not in CONTACTS:
        kind = OTHER_CONTACT
    return f"<Контакт>{element('Тип', kind)}{element('Значение', contact.value)}</Контакт>"


def _representative(item: Representative, form: Form) -> str:
    own, relation = optional("Ид", item.id, GLOBAL_ID), element("Отношение", item.relation)
    name = element("Наименование", item.name)
    if form.containers:
        inner = f"<Контрагент>{relation}{own}{name}</Контрагент>"
    else:
        inner = f"{own}{name}{element('ПолноеНаименование', item.name)}{relation}"
    return f"<Представитель>{inner}</Представитель>"
