"""What receipts call the goods of an order, and what metadata says of them."""

import pytest

from saleor_1c_plugin.receipts.compose import metadata
from saleor_1c_plugin.receipts.compose.document import Fraction, Measure, PaymentObject
from saleor_1c_plugin.receipts.compose.goods import goods_of
from saleor_1c_plugin.receipts.compose.metadata import Code
from saleor_1c_plugin.receipts.compose.problem import Problem

from .samples import line, order


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": "Платье", "variant_name": "42, синий"}, "Платье (42, синий)"),
        ({"name": "Платье", "variant_name": "SKU", "sku": "SKU"}, "Платье"),
        ({"name": "Платье", "variant_name": "Платье"}, "Платье"),
        ({"name": " две\n строки\x00 "}, "две строки"),
        ({"name": "", "sku": "SKU"}, "SKU"),
        ({"name": "", "sku": ""}, "Товар"),
        ({"name": "я" * 200}, "я" * 127 + "…"),
    ],
)
def test_name(fields: dict[str, str], name: str) -> None:
    assert goods_of(order(line("a", 1, "1.00", **fields)))[0].name == name


@pytest.mark.parametrize(
    ("unit", "measure"),
    [
        ("", Measure.PIECE),
        ("шт", Measure.PIECE),
        ("упак.", Measure.PIECE),
        ("КГ", Measure.KILOGRAM),
        ("м2", Measure.SQUARE_METRE),
        ("л", Measure.LITRE),
        ("бочка", Measure.OTHER),
    ],
)
def test_measure(unit: str, measure: Measure) -> None:
    assert metadata.measure({"onec.unit": unit}) is measure


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, PaymentObject.COMMODITY),
        ({"onec.ТипНоменклатуры": "Товар"}, PaymentObject.COMMODITY),
        ({"onec.ТипНоменклатуры": "Услуга"}, PaymentObject.SERVICE),
        ({"onec.ВидНоменклатуры": "Работа"}, PaymentObject.JOB),
        ({"onec.ТипНоменклатуры": "ПодарочныйСертификат"}, None),
        ({"onec.payment_object": "excise"}, PaymentObject.EXCISE),
        ({"onec.payment_object": "gift_card"}, None),
        (
            {"onec.payment_object": "service", "onec.ТипНоменклатуры": "Товар"},
            PaymentObject.SERVICE,
        ),
    ],
)
def test_payment_object(values: dict[str, str], found: PaymentObject | None) -> None:
    assert metadata.payment_object(values) is found


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ()),
        ("01\x1d91\r\n02\x1d92\n", (Code("01\x1d91"), Code("02\x1d92"))),
        ('["01\\u001d91"]', (Code("01\x1d91"),)),
        # The separator as it is, which JSON does not allow.
        ('["01\x1d91"]', (Code("01\x1d91"),)),
        ('[{"code": "01", "fraction": "2/10"}]', (Code("01", Fraction(2, 10)),)),
        ('[{"code": "01"}]', (Code("01"),)),
    ],
)
def test_codes(text: str, codes: tuple[Code, ...]) -> None:
    assert metadata.codes({"onec.marking": text}, "Товар") == codes


@pytest.mark.parametrize(
    "text",
    ["[", "[1]", '[""]', '[{"code": ""}]', '[{"code": "01", "fraction": "half"}]', '[{"c": 1}]'],
)
def test_bad_codes_are_told(text: str) -> None:
    with pytest.raises(Problem, match="Товар: коды маркировки"):
        metadata.codes({"onec.marking": text}, "Товар")


@pytest.mark.parametrize(
    "values",
    [
        {"onec.payment_object": "thing"},
        {"onec.agent": "ООО"},
        {"onec.agent": "[]"},
        {"onec.agent": '{"kind": "friend"}'},
    ],
)
def test_bad_metadata_is_told(values: dict[str, str]) -> None:
    with pytest.raises(Problem, match=next(iter(values))):
        goods_of(order(line("a", 1, "1.00", metadata=values)))


@pytest.mark.parametrize("text", ["[]", "{", '{"a": 1}', '{"a": [{}]}'])
def test_bad_codes_of_an_order_are_told(text: str) -> None:
    with pytest.raises(Problem, match=r"onec\.marking"):
        goods_of(order(line("a", 1, "1.00"), metadata={"onec.marking": text}))
