"""Any order that the shop could send, with its payments and shipments."""

from datetime import date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from saleor_1c_plugin.commerceml.documents import (
    AddressField,
    Contact,
    Container,
    Counterparty,
    Document,
    DocumentDiscount,
    DocumentLine,
    DocumentTax,
    DocumentWarehouse,
    Operation,
    PostalAddress,
    Representative,
    SitePayment,
)
from saleor_1c_plugin.commerceml.model import TaxRate, Unit
from saleor_1c_plugin.commerceml.vocabulary import ADDRESS_FIELDS, CONTACTS, ROLES

letters = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"])
#: Any text that is not blank at its ends: reading strips it.
texts = st.text(letters | st.sampled_from("\t\n\r"), min_size=1, max_size=20).filter(
    lambda text: text == text.strip()
)
#: Attributes have no room for line breaks.
names = st.text(letters, min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and not text.isdigit()
)
maybe = st.just("") | texts
ids = st.uuids().map(str)
sums = st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False)
quantities = st.decimals(min_value=0, max_value=10**6, places=3, allow_nan=False)
percents = st.decimals(min_value=0, max_value=99, places=2, allow_nan=False)
days = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1))
clocks = st.times().map(lambda clock: clock.replace(microsecond=0))
#: Requisites by which old schemas tell a document's own fields; read back as those fields.
SERVICE = {"номер по 1с", "дата по 1с", "основание", "пометкаудаления", "пометка удаления"}
requisites = st.lists(
    st.tuples(texts.filter(lambda name: name.casefold() not in SERVICE), maybe), max_size=3
).map(tuple)


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


def several[T](items: st.SearchStrategy[T], most: int = 2) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(items, max_size=most).map(tuple)


addresses = st.builds(
    PostalAddress,
    text=texts,
    fields=several(st.builds(AddressField, st.sampled_from(sorted(ADDRESS_FIELDS)), texts), 10),
)
people = st.fixed_dictionaries(
    {
        "id": ids,
        "name": texts,
        "role": st.sampled_from(sorted(ROLES)),
        "full_name": texts,
        "registered": st.none() | addresses,
        "address": st.none() | addresses,
        "contacts": several(st.builds(Contact, st.sampled_from(sorted(CONTACTS)), texts)),
        "representatives": several(st.builds(Representative, ids, texts, texts)),
        "comment": maybe,
        "deleted": st.booleans(),
    }
)
persons = st.builds(
    lambda common, own: Counterparty(**common, **own),
    people,
    st.fixed_dictionaries(
        {"first_name": maybe, "last_name": maybe, "middle_name": maybe}
        | {"inn": st.just("") | digits(12)}
    ),
)
companies = st.builds(
    lambda common, own: Counterparty(**common, **own, is_company=True),
    people,
    st.fixed_dictionaries(
        {"inn": digits(10), "kpp": st.just("") | digits(9)}
        | {"ogrn": st.just("") | digits(13), "okpo": st.just("") | digits(8)}
    ),
)


def _tax(
    name: str, amount: Decimal, rate: tuple[Decimal | None, bool] | None, included: bool
) -> DocumentTax:
    return DocumentTax(name, amount, TaxRate(name, *rate) if rate else None, included)


rates = st.none() | st.just((None, False)) | st.tuples(percents, st.booleans())
taxes = st.lists(
    st.builds(_tax, texts, sums, rates, st.booleans()), max_size=2, unique_by=lambda tax: tax.name
).map(tuple)
discounts = several(
    st.builds(DocumentDiscount, texts, sums, st.none() | percents, st.booleans(), maybe)
)
units = st.builds(
    Unit,
    code=st.sampled_from(["796", "166", "0112"]),
    name=names,
    full_name=st.just("") | names,
    international=st.sampled_from(["", "PCE", "KGM"]),
    ratio=st.integers(1, 100).map(Decimal),
)
lines = st.builds(
    DocumentLine,
    id=st.builds("{}#{}".format, ids, ids),
    name=texts,
    quantity=quantities,
    amount=sums,
    price=st.none() | sums,
    article=maybe,
    barcode=st.just("") | digits(13),
    unit=st.none() | units,
    catalog_id=st.just("") | ids,
    taxes=taxes,
    discounts=discounts,
    requisites=requisites,
    warehouse_id=st.just("") | ids,
)
payments = st.builds(
    SitePayment,
    number=texts,
    transaction=texts,
    at=st.builds(datetime.combine, days, clocks),
    amount=sums,
    method=texts,
    method_id=maybe,
)


def documents(
    kinds: st.SearchStrategy[str], basis: st.SearchStrategy[str]
) -> st.SearchStrategy[Document]:
    return st.builds(
        Document,
        id=ids,
        number=texts,
        kind=kinds,
        issued=days,
        issued_at=st.none() | clocks,
        role=st.sampled_from(sorted(ROLES)),
        currency=st.sampled_from(["RUB", "USD", "руб"]),
        rate=st.decimals(min_value="0.0001", max_value=1000, places=4, allow_nan=False),
        amount=sums,
        basis=basis,
        counterparties=st.lists(persons | companies, min_size=1, max_size=2).map(tuple),
        lines=several(lines),
        taxes=taxes,
        discounts=discounts,
        payments=several(payments),
        warehouses=several(st.builds(DocumentWarehouse, ids, maybe)),
        requisites=requisites,
        comment=maybe,
        payment_due=st.none() | days,
        onec_number=maybe,
        onec_issued=st.none() | days,
        version=st.just("") | ids,
        deleted=st.booleans(),
    )


containers = st.builds(
    Container,
    documents(st.just(Operation.ORDER), st.just("")),
    several(documents(st.sampled_from(Operation), texts), 1),
)
