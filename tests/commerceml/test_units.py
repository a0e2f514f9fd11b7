"""Units by the name or the code that somebody wrote."""

import pytest

from saleor_1c_plugin.commerceml import units


@pytest.mark.parametrize(
    ("name", "code"),
    [("", "796"), ("шт", "796"), ("ШТ.", "796"), ("Килограмм", "166"), ("м2", "055"), ("ящ", "")],
)
def test_by_name(name: str, code: str) -> None:
    assert units.named(name).code == code


def test_an_unknown_name_is_kept() -> None:
    assert units.named("ящ").name == "ящ"


@pytest.mark.parametrize(("code", "name"), [("796", "шт"), ("6", "м"), ("006", "м"), ("55", "м²")])
def test_by_code(code: str, name: str) -> None:
    unit = units.of_code(code)
    assert unit is not None
    assert unit.name == name


def test_an_unknown_code() -> None:
    assert units.of_code("999") is None
