"""XML that can't be believed or read: the reason to 1C and the journal, and the next one heals."""

import socket

import pytest

from tests.catalog.support import catalogue, good

from .shop import Shop

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
ROOT = "КоммерческаяИнформация"
WHOLE = catalogue(good("p1") + good("p2", "Стол"))
LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))

BAD = {
    "bomb": (
        f'{HEAD}<!DOCTYPE {ROOT} [<!ENTITY l0 "ха">{LAUGHS}]><{ROOT}>&l9;</{ROOT}>',
        "DOCTYPE",
    ),
    "quadratic-bomb": (
        f'{HEAD}<!DOCTYPE {ROOT} [<!ENTITY a "{"a" * 50_000}">]><{ROOT}>{"&a;" * 50_000}</{ROOT}>',
        "DOCTYPE",
    ),
    "external-entity": (
        f'{HEAD}<!DOCTYPE {ROOT} [<!ENTITY x SYSTEM "file:///etc/hostname">]><{ROOT}>&x;</{ROOT}>',
        "DOCTYPE",
    ),
    "external-dtd": (
        f'{HEAD}<!DOCTYPE {ROOT} SYSTEM "file:///etc/hostname"><{ROOT}/>',
        "DOCTYPE",
    ),
    "unknown-entity": (WHOLE.replace("Стол", "&nbsp;Стол"), "Неизвестная сущность"),
    "cut-off": (WHOLE[: WHOLE.index("<Ид>p2")], "обрывается"),
    "cut-off-at-the-end": (WHOLE[:-1], "обрывается"),
    "empty": (" \n", "пуст"),
    "text": ("Это текст", "не XML"),
    "page": ("<html><body>502 Bad Gateway</body></html>", "не CommerceML"),
    "not-closed": (WHOLE.replace("</Артикул>", "", 1), "разметки"),
    "too-deep": (WHOLE.replace("Стол", "<а>" * 300 + "</а>" * 300), "глубок"),
    "too-large": (WHOLE.replace("Стол", f"<б>{'ж' * (4 << 20)}</б>" * 5), "[Сс]лишком больш"),
}
ENCODINGS = {
    "windows-1251-said-to-be-utf-8": WHOLE.encode("windows-1251"),
    "utf-8-said-to-be-windows-1251": WHOLE.replace("UTF-8", "windows-1251", 1).encode(),
    "windows-1251-from-the-middle-on": WHOLE.encode().replace(
        "Стол".encode(), "Стол".encode("windows-1251")
    ),
    "of-nobody": WHOLE.replace("UTF-8", "x-mac-klingon", 1).encode(),
}


def check_next_exchange(shop: Shop) -> None:
    assert "с ошибками 0" in shop.client().load({"import.xml": WHOLE.encode()})
    goods = shop.rows("SELECT key, name FROM onec_sandbox_product ORDER BY key")
    assert goods == [("p1", "Стул"), ("p2", "Стол")]


@pytest.mark.parametrize("name", BAD)
def test_bad_xml(shop: Shop, name: str) -> None:
    body, reason = BAD[name]
    shop.check_refused({"import.xml": body.encode()}, reason)
    # Goods before the fault may have been applied, but each as a whole.
    assert shop.value("SELECT count(*) FROM onec_sandbox_product") in (0, 1)
    check_next_exchange(shop)


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_wrong_declared_encoding(shop: Shop, name: str) -> None:
    shop.check_refused({"import.xml": ENCODINGS[name]}, "Кодировка файла не та")
    check_next_exchange(shop)


def test_nothing_is_fetched_for_an_external_entity(shop: Shop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as trap:
        port = trap.getsockname()[1]
        address = f"http://127.0.0.1:{port}/x"
        for doctype in (
            f'<!DOCTYPE {ROOT} SYSTEM "{address}">',
            f'<!DOCTYPE {ROOT} [<!ENTITY % p SYSTEM "{address}"> %p;]>',
            f'<!DOCTYPE {ROOT} [<!ENTITY x SYSTEM "{address}">]>',
        ):
            body = f"{HEAD}{doctype}<{ROOT}>&x;</{ROOT}>".encode()
            shop.check_refused({"import.xml": body}, "DOCTYPE")
        trap.settimeout(0)
        with pytest.raises(BlockingIOError):
            trap.accept()


def test_the_journal_names_file_and_line(shop: Shop) -> None:
    body = WHOLE.replace("<Товар>", "\n<Товар>").replace("Стол", "Стол</Ид>")
    told = shop.check_refused(
        {"goods/1/import.xml": body.encode()}, "строка 3", "goods/1/import.xml"
    )
    assert told.startswith("Импорт goods/1/import.xml: ")
    assert shop.rows("SELECT file, line FROM onec_exchange_journalentry WHERE job_id > 0") == [
        ("goods/1/import.xml", 3)
    ]


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_part_is_missing(shop: Shop, lost: int) -> None:
    body = WHOLE.encode()
    size = len(body) // 3 + 1
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    del parts[lost]
    shop.check_refused({"import.xml": b"".join(parts)}, "XML|разметки|обрывается")
    check_next_exchange(shop)


def test_every_part_comes_twice(shop: Shop) -> None:
    body = WHOLE.encode()
    talk = shop.client()
    for start in range(0, len(body), 200):
        for _ in range(2):
            talk.send({"import.xml": body[start : start + 200]})
    assert "создано 2" in talk.client.import_file("import.xml").message


def test_a_file_that_begins_again(shop: Shop) -> None:
    body = WHOLE.encode()
    talk = shop.client()
    talk.send({"import.xml": body[:200]})
    talk.send({"import.xml": body[200:400]})
    talk.send({"import.xml": body[:200]})
    talk.send({"import.xml": body[200:]})
    assert "создано 2" in talk.client.import_file("import.xml").message
