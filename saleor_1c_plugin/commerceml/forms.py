"""What a schema has room for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a file. Attributes say what it knows beyond schema 2.08."""

    schema: str
    namespace: str
    #: ``Оплаты``: payments made on the site.
    payments: bool = False
    #: Elements for 1C's number, date and version of a document, its deletion mark and basis.
    service_fields: bool = False
    #: ``Контейнер``, with payments and shipments in it, and nested units; words are not prescribed.
    containers: bool = False


def form_of(schema: str) -> Form:
    """Form of the files of schema `schema`, e.g. ``"2.08"``.

    Up to 2.08 that of 2.08, from 2.10 on what 1C-Bitrix sends: the published schema ends with 2.09.

    Raises
    ------
    ValueError
        It is no version, or none of 2 and 3.
    """
    major, _, minor = schema.partition(".")
    if major not in ("2", "3") or not minor.isdecimal():
        raise ValueError(f"No schema of CommerceML 2 or 3: {schema!r}")
    if major == "3":
        return Form(schema, "urn:1C.ru:commerceml_3", service_fields=True, containers=True)
    if int(minor) >= 10:
        return Form(schema, "urn:1C.ru:commerceml_210", payments=True, service_fields=True)
    return Form(schema, "urn:1C.ru:commerceml_2", payments=int(minor) >= 9)
