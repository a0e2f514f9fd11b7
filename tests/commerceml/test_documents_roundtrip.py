"""Any order that is written is valid by the published schema, and read back equal."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from saleor_1c_plugin.commerceml.documents import (
    Container,
    Counterparty,
    Document,
    Operation,
)
from saleor_1c_plugin.commerceml.reader import scan
from saleor_1c_plugin.commerceml.writer import Encoding, write

from .orders import containers
from .shared import needs_data, published

CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
encodings: st.SearchStrategy[Encoding] = st.sampled_from(["utf-8", "windows-1251"])
many = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def written(
    orders: Sequence[Container],
    schema: str,
    encoding: Encoding = "utf-8",
    *,
    namespace: bool = False,
    separate: bool = False,
) -> bytes:
    file = BytesIO()
    write(
        file,
        orders,
        schema=schema,
        encoding=encoding,
        created=CREATED,
        namespace=namespace,
        separate=separate,
    )
    return file.getvalue()


def read(data: bytes) -> list[Document]:
    found = [node.parse() for node in scan(BytesIO(data))]
    return [item for item in found if isinstance(item, Document)]


def counterparty_in(schema: str, item: Counterparty) -> Counterparty:
    """What the schema has room for of a counterparty; the deletion mark only in 3.1."""
    return replace(item, deleted=item.deleted and schema == "3.1")


def document_in(schema: str, item: Document) -> Document:
    """What the schema has room for.

    Payments made on the site are told by 2.09 and 2.10, the version by 2.10 and 3.1. Before 2.10
    1C's number and date, the deletion mark and the basis are requisites, and stay so when read.
    The published schema knows no acquiring.
    """
    item = replace(
        item, counterparties=tuple(counterparty_in(schema, each) for each in item.counterparties)
    )
    if schema not in ("2.09", "2.10"):
        item = replace(item, payments=())
    if schema != "3.1" and item.kind == Operation.CARD_PAYMENT:
        item = replace(item, kind=Operation.CASHLESS_PAYMENT)
    if schema not in ("2.10", "3.1"):
        told = [
            ("Номер по 1С", item.onec_number),
            ("Дата по 1С", item.onec_issued.isoformat() if item.onec_issued else ""),
            ("ПометкаУдаления", "true" if item.deleted else ""),
            ("Основание", item.basis),
        ]
        pairs = tuple((name, value) for name, value in told if value)
        item = replace(item, version="", requisites=item.requisites + pairs)
    return item


@pytest.mark.parametrize("schema", ["2.03", "2.08", "2.09", "2.10", "3.1"])
@given(
    orders=st.lists(containers, max_size=2),
    encoding=encodings,
    namespace=st.booleans(),
    separate=st.booleans(),
)
@many
def test_what_is_written_is_read_back(
    schema: str, orders: list[Container], encoding: Encoding, namespace: bool, separate: bool
) -> None:
    data = written(orders, schema, encoding, namespace=namespace, separate=separate)
    expected = []
    for container in orders:
        expected.append(container.order)
        if separate or schema == "3.1":
            expected += container.others
    assert read(data) == [document_in(schema, item) for item in expected]
    # What has been read says the same when it is written again.
    again = [Container(item) for item in read(data)]
    assert read(written(again, schema, encoding)) == read(data)


def check(schema: str, data: bytes) -> None:
    published("2.09" if schema == "2.09" else "2.08").assertValid(etree.fromstring(data))


@needs_data
@pytest.mark.parametrize("schema", ["2.03", "2.08", "2.09"])
@given(orders=st.lists(containers, max_size=2), encoding=encodings, separate=st.booleans())
@many
def test_what_is_written_is_valid(
    schema: str, orders: list[Container], encoding: Encoding, separate: bool
) -> None:
    check(schema, written(orders, schema, encoding, namespace=True, separate=separate))
