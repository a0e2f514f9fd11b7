"""The lists that 1C's settings map orders by."""

import pytest
from lxml import etree

from saleor_1c_plugin.commerceml.reference_lists import reference_lists
from saleor_1c_plugin.commerceml.writer import Encoding


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251"])
def test_lists_under_the_names_that_1c_looks_for(encoding: Encoding) -> None:
    data = reference_lists(
        [("new", "Новый & «свежий»"), ("done", "Выполнен ñ")],
        [("card", "Карта")],
        [],
        encoding=encoding,
    )
    assert f'encoding="{encoding}"'.encode() in data
    root = etree.fromstring(data)
    assert root.tag == "Справочник"
    found = {
        part.tag: [(entry.findtext("Ид"), entry.findtext("Название")) for entry in part]
        for part in root
    }
    statuses = [("new", "Новый & «свежий»"), ("done", "Выполнен ñ")]
    assert found == {
        "\N{LATIN CAPITAL LETTER C}татусы": statuses,
        "\N{CYRILLIC CAPITAL LETTER ES}татусы": statuses,
        "ПлатежныеСистемы": [("card", "Карта")],
        "СлужбыДоставки": [],
    }
    assert {entry.tag for part in root for entry in part} == {"Элемент"}
