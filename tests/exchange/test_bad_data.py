"""Packages that can be read and make no sense in places: the rest goes on, the places are told."""

import pytest

from tests.catalog.support import PRICE_TYPES, catalogue, good, offer, offers

from .shop import Shop


def prices(shop: Shop) -> list[tuple[str, int]]:
    rows = shop.rows(
        "SELECT v.key, p.amount FROM onec_sandbox_price p JOIN onec_sandbox_variant v "
        "ON v.id = p.variant_id ORDER BY 1"
    )
    return [(key, int(amount)) for key, amount in rows]


def in_groups(*ids: str) -> str:
    links = "".join(f"<Ид>{own}</Ид>" for own in ids)
    return f"<Группы>{links}</Группы>"


def test_a_price_in_an_unmapped_currency(shop: Shop) -> None:
    trade = offers(offer("p1").replace("руб", "EUR") + offer("p2"), head=PRICE_TYPES)
    told = shop.client().load(
        {"import.xml": catalogue(good("p1") + good("p2")).encode(), "offers.xml": trade.encode()}
    )
    assert "с ошибками 0" in told
    assert prices(shop) == [("p2", 100)]
    journal = shop.journal("warning")
    assert "Тип цен «Розничная»: валюта EUR не совпадает с валютой канала" in journal
    # The stock of the same offer is no worse for it.
    assert shop.value("SELECT count(*) FROM onec_sandbox_stock WHERE quantity = 5") == 2
    shop.client().load({"offers.xml": offers(offer("p1"), head=PRICE_TYPES).encode()})
    assert prices(shop) == [("p1", 100), ("p2", 100)]


def test_an_offer_for_an_unknown_product_is_kept_and_joined(shop: Shop) -> None:
    early = offers(offer("p1") + offer("p2#v1", "70"), head=PRICE_TYPES).encode()
    assert "с ошибками 0" in shop.client().load({"offers.xml": early})
    assert "Предложение отложено: карточка его товара ещё не пришла" in shop.journal("warning")
    assert not shop.value("SELECT count(*) FROM onec_sandbox_variant")
    told = shop.client().load({"import.xml": catalogue(good("p1") + good("p2")).encode()})
    assert "создано 4" in told
    assert prices(shop) == [("p1", 100), ("p2#v1", 70)]
    assert shop.value("SELECT sum(quantity) FROM onec_sandbox_stock") == 10


def test_an_id_twice_in_one_file(shop: Shop) -> None:
    body = catalogue(good("p1", "Первый") + good("p1", "Второй")).encode()
    assert "создано 1" in shop.client().load({"import.xml": body})
    assert "встречается дважды" in shop.journal("warning")
    assert shop.rows("SELECT name FROM onec_sandbox_product") == [("Второй",)]


def test_an_id_twice_with_many_goods_between(shop: Shop) -> None:
    between = "".join(good(f"q{number}") for number in range(90))
    body = catalogue(good("p1", "Первый") + between + good("p1", "Второй")).encode()
    shop.client().load({"import.xml": body})
    assert "встречается дважды" in shop.journal("warning")
    assert shop.rows("SELECT name FROM onec_sandbox_product WHERE key = 'p1'") == [("Второй",)]
    shop.client().load({"import.xml": body})
    assert shop.rows("SELECT name FROM onec_sandbox_product WHERE key = 'p1'") == [("Второй",)]


def test_an_offer_twice_in_one_file(shop: Shop) -> None:
    trade = offers(offer("p1", "100") + offer("p1", "200"), head=PRICE_TYPES).encode()
    shop.client().load({"import.xml": catalogue(good("p1")).encode(), "offers.xml": trade})
    assert "встречается дважды" in shop.journal("warning")
    assert prices(shop) == [("p1", 200)]


def test_an_article_twice(shop: Shop) -> None:
    goods = catalogue(good("p1", article="A-1") + good("p2", article="A-1")).encode()
    trade = offers(offer("p1") + offer("p2"), head=PRICE_TYPES).encode()
    told = shop.client().load({"import.xml": goods, "offers.xml": trade})
    assert "создано 2" in told
    assert "с ошибками 0" in told
    assert "Артикул «A-1» уже занят другим товаром" in shop.journal("warning")
    assert shop.rows("SELECT key, sku FROM onec_sandbox_variant ORDER BY key") == [
        ("p1", "A-1"),
        ("p2", None),
    ]
    # Corrected in 1C, both have theirs.
    goods = catalogue(good("p1", article="A-1") + good("p2", article="A-2")).encode()
    trade = trade.replace("<Ид>p2</Ид>".encode(), "<Ид>p2</Ид><Артикул>A-2</Артикул>".encode())
    shop.client().load({"import.xml": goods, "offers.xml": trade})
    assert shop.rows("SELECT sku FROM onec_sandbox_variant ORDER BY key") == [("A-1",), ("A-2",)]


def group(own: str, inside: str = "") -> str:
    below = f"<Группы>{inside}</Группы>" if inside else ""
    return f"<Группа><Ид>{own}</Ид><Наименование>Группа {own}</Наименование>{below}</Группа>"


@pytest.mark.parametrize(
    "tree",
    [
        group("a", group("b", group("a"))),
        group("a", group("a")),
        group("a", group("b")) + group("b", group("a")),
    ],
)
def test_a_circle_of_groups(shop: Shop, tree: str) -> None:
    classifier = f"<Группы>{tree}</Группы>"
    goods = good("p1", more=in_groups("a")) + good("p2", "Стол")
    told = shop.client().load({"import.xml": catalogue(goods, classifier=classifier).encode()})
    assert "с ошибками 0" not in told
    assert "содержит сама себя" in shop.journal("error")
    assert shop.value("SELECT count(*) FROM onec_sandbox_product") == 2
    # A category that were its own ancestor would hang every page that walks up the tree.
    parents = dict(
        shop.rows(
            "SELECT c.key, p.key FROM onec_sandbox_category c "
            "LEFT JOIN onec_sandbox_category p ON p.id = c.parent_id"
        )
    )
    for key in parents:
        seen: set[str] = set()
        while key is not None:
            assert key not in seen
            seen.add(key)
            key = parents[key]
    healed = f"<Группы>{group('a', group('b'))}</Группы>"
    told = shop.client().load({"import.xml": catalogue(goods, classifier=healed).encode()})
    assert "с ошибками 0" in told


def test_groups_that_become_a_circle_between_two_exchanges(shop: Shop) -> None:
    for tree in (group("a", group("b")), group("b", group("a"))):
        classifier = f"<Группы>{tree}</Группы>"
        body = catalogue(good("p1", more=in_groups("a")), classifier=classifier).encode()
        assert "с ошибками 0" in shop.client().load({"import.xml": body})
    assert shop.rows("SELECT c.key FROM onec_sandbox_category c WHERE c.parent_id IS NULL") == [
        ("b",)
    ]


def test_numbers_that_are_none(shop: Shop) -> None:
    goods = catalogue(good("p1") + good("p2")).encode()
    trade = offers(offer("p1", "дорого") + offer("p2"), head=PRICE_TYPES).encode()
    told = shop.client().load({"import.xml": goods, "offers.xml": trade})
    assert "с ошибками 1" in told
    assert shop.rows(
        "SELECT object_id, file, line > 0 FROM onec_exchange_journalentry WHERE level = 'error'"
    ) == [("p1", "offers.xml", True)]
    assert prices(shop) == [("p2", 100)]
    shop.client().load({"offers.xml": offers(offer("p1"), head=PRICE_TYPES).encode()})
    assert prices(shop) == [("p1", 100), ("p2", 100)]
