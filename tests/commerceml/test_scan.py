"""The stream itself: encodings, lines, raw bytes, limits, broken files."""

from io import BytesIO

import pytest

from saleor_1c_plugin.commerceml.errors import CommerceMLError, ValueFault
from saleor_1c_plugin.commerceml.inspect import Summary, inspect
from saleor_1c_plugin.commerceml.model import ItemKind, Product
from saleor_1c_plugin.commerceml.reader import Limits, Node, parse_raw, scan

from .packages import NAMESPACES, catalog, offers, only, package

GOOD = "<Товар><Ид>{}</Ид><Наименование>Стол</Наименование></Товар>\n"


def many(count: int) -> str:
    return "".join(GOOD.format(number) for number in range(count))


def broken(data: bytes, limits: Limits | None = None) -> tuple[list[str], CommerceMLError]:
    """Ids of the goods before the fault, and the fault."""
    seen: list[str] = []

    def read() -> None:
        seen.extend(n.id for n in scan(BytesIO(data), limits) if n.kind is ItemKind.PRODUCT)

    with pytest.raises(CommerceMLError) as caught:
        read()
    return seen, caught.value


class Dribble(BytesIO):
    """A file that gives a byte at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(1)


@pytest.mark.parametrize(
    "data",
    [
        package(catalog(many(2))),
        b"\xef\xbb\xbf" + package(catalog(many(2))),
        package(catalog(many(2)), encoding="windows-1251"),
        package(catalog(many(2)), encoding="UTF-16"),
        package(catalog(many(2))).split(b"\n", 1)[1],
        package(catalog(many(2))).replace(b"\n", b"\r\n"),
        package("<!-- к -->" + catalog(f"<!-- к -->{many(2)}<?p i?>")),
    ],
    ids=["utf-8", "bom", "windows-1251", "utf-16", "no declaration", "crlf", "comments"],
)
@pytest.mark.parametrize("file", [BytesIO, Dribble])
def test_encodings(data: bytes, file: type[BytesIO]) -> None:
    goods = [node.parse() for node in scan(file(data)) if node.kind is ItemKind.PRODUCT]
    assert goods == [Product("0", "Стол"), Product("1", "Стол")]


def test_lines_are_right_far_into_a_file() -> None:
    data = package(catalog("\n" + many(70_000)))
    lines = {node.id: node.line for node in scan(BytesIO(data)) if node.kind is ItemKind.PRODUCT}
    assert lines["0"] == 4
    assert lines["69999"] == 70_003


def test_raw_bytes_do_not_depend_on_place_or_indentation() -> None:
    # Whitespace that the parser meets at the border of a chunk must not slip in.
    good = "<Товар>{0}<Ид>g</Ид>{0}<Группы>{0}<Ид>a</Ид>{0}</Группы>{0}</Товар>{0}"
    raws = {
        node.raw
        for indent in ("", "\n\t\t", " " * 13)
        for node in scan(BytesIO(package(catalog(good.format(indent) * 3_000))))
        if node.kind is ItemKind.PRODUCT
    }
    assert raws == {"<Товар><Ид>g</Ид><Группы><Ид>a</Ид></Группы></Товар>".encode()}


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_goods_outlive_the_step_of_the_scan_and_their_bytes_do_not_change(namespace: str) -> None:
    # An importer looks at a batch of held nodes; lxml renames the prefixes of what leaves a tree.
    data = package(catalog(GOOD.format(1) * 3_000), namespace=namespace)
    at_once = [node.raw for node in scan(BytesIO(data)) if node.kind is ItemKind.PRODUCT]
    held = [node for node in scan(BytesIO(data)) if node.kind is ItemKind.PRODUCT]
    assert {node.raw for node in held} == set(at_once)
    assert len(set(at_once)) == 1
    assert {node.parse() for node in held} == {Product("1", "Стол")}
    assert parse_raw(held[0].raw) == Product("1", "Стол")


def test_a_fault_in_held_goods_knows_its_line() -> None:
    bad = "<Товар>\n<Ид>x</Ид>\n<Вес>?</Вес></Товар>\n"
    data = package(catalog("\n" + many(2) + bad + many(2)), namespace=NAMESPACES[-1])
    held = [node for node in scan(BytesIO(data)) if node.id == "x"]
    with pytest.raises(ValueFault) as caught:
        held[0].parse()
    assert (caught.value.line, caught.value.item_id) == (8, "x")


def test_other_nodes_are_gone_when_the_scan_has_moved_on() -> None:
    nodes: list[Node] = list(scan(BytesIO(package(catalog(many(2))))))
    assert [node.id for node in nodes] == ["", "cat", "0", "1"]
    for node in nodes[:2]:
        with pytest.raises(RuntimeError, match="moved on"):
            node.parse()


def test_junk_between_goods_is_passed_over() -> None:
    body = catalog(
        "<Прочее/>" + GOOD.format(1) + "текст<Прочее><Ид>9</Ид></Прочее>" + GOOD.format(2)
    )
    ids = [node.id for node in scan(BytesIO(package(body))) if node.kind is ItemKind.PRODUCT]
    assert ids == ["1", "2"]


def test_goods_outside_a_catalogue_are_none() -> None:
    body = f"<Товары>{GOOD.format(1)}</Товары><Прочее><Товары>{GOOD.format(2)}</Товары></Прочее>"
    assert [node.kind for node in scan(BytesIO(package(body)))] == [ItemKind.PACKAGE]


WHOLE = package(catalog("\n" + many(2_000)))


@pytest.mark.parametrize("length", [70, 120, 400, 40_000, len(WHOLE) - 40, len(WHOLE) - 1])
def test_a_cut_off_file(length: int) -> None:
    seen, fault = broken(WHOLE[:length])
    assert "обрывается" in fault.message
    assert fault.line == WHOLE[:length].count(b"\n") + 1
    assert f"(строка {fault.line})" in str(fault)
    assert seen == [str(number) for number in range(len(seen))]
    assert len(seen) == WHOLE[:length].count("</Товар>".encode())


def garble(data: bytes, place: str, with_: bytes) -> bytes:
    marked = data.replace(place.encode(), b"@@", 1)
    assert marked != data
    return marked.replace(b"@@", with_)


@pytest.mark.parametrize(
    "data",
    [
        package(catalog(many(2))).decode().encode("cp1251"),
        package(catalog(many(2))).split(b"\n", 1)[1].decode().encode("cp1251"),
        package(catalog(many(2))).replace(b"UTF-8", b"windows-1251"),
        package(catalog(many(2))).replace(b"UTF-8", b"iso-8859-1"),
        package(catalog(many(2))).replace(b"UTF-8", b"x-unknown"),
    ],
    ids=["1251 as utf-8", "1251 undeclared", "utf-8 as 1251", "utf-8 as latin", "unknown"],
)
def test_a_wrong_encoding(data: bytes) -> None:
    seen, fault = broken(data)
    assert seen == []
    assert "Кодировка" in fault.message
    assert fault.line in {1, 2}


def test_a_wrong_encoding_far_into_a_file() -> None:
    seen, fault = broken(garble(WHOLE, "<Ид>1500</Ид><Наименование>Стол", "Стол".encode("cp1251")))
    assert "Кодировка" in fault.message
    assert fault.line == 1_504
    assert len(seen) == 1_500


def test_a_byte_that_the_encoding_lacks_is_never_the_end_of_the_file() -> None:
    # 0x98 is nothing in windows-1251; older libxml2 stops there without an error.
    data = package(catalog("\n" + many(2_000)), encoding="windows-1251")
    seen, fault = broken(data.replace(b">1500<", b">\x98<"))
    assert "Кодировка" in fault.message
    assert fault.line > 0
    assert len(seen) <= 1_500


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "Файл пуст"),
        (b" \r\n\t", "Файл пуст"),
        ("просто текст".encode(), "не XML"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "не XML"),
        (b"PK\x03\x04" + bytes(100), "ZIP"),
        (b"<html><body>502 Bad Gateway</body></html>", "не CommerceML"),
        ("<Товары/>".encode(), "Товары"),
        (b"<a/>", "не CommerceML"),
        (b"<?xml version='1.0'?>", "обрывается"),
        (b"<!--" + b"x" * 100_000 + b"--><a/>", "Не найден корневой элемент"),
    ],
)
def test_not_a_package(data: bytes, message: str) -> None:
    seen, fault = broken(data)
    assert seen == []
    assert message in fault.message


ROOT = "<КоммерческаяИнформация>{}</КоммерческаяИнформация>"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://localhost:9/x"> %p;]>',
        "<!DOCTYPE КоммерческаяИнформация>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_refused(doctype: str, encoding: str) -> None:
    body = ROOT.format(catalog("<Товар><Ид>1</Ид></Товар>"))
    text = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}{body}'
    seen, fault = broken(text.encode(encoding))
    assert seen == []
    assert "DOCTYPE" in fault.message


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("&foo;", "Неизвестная сущность"),
        ("</Ид>", "разметки"),
        ("\x02", "разметки"),
        ("a < b", "разметки"),
    ],
)
def test_broken_markup(inside: str, message: str) -> None:
    bad = GOOD.format("bad").replace("Стол", inside)
    seen, fault = broken(package(catalog("\n" + many(3) + bad + many(3))))
    assert seen == ["0", "1", "2"]
    assert message in fault.message
    assert fault.line == 7


def test_depth_is_bounded() -> None:
    _, fault = broken(package("<a>" * 400 + "</a>" * 400))
    assert "вложенность" in fault.message


def test_the_size_of_an_object_is_bounded() -> None:
    limits = Limits(element_bytes=100_000)
    assert len(list(scan(BytesIO(package(catalog(many(20_000)))), limits))) == 20_002
    fat = "<Товар><Ид>fat</Ид>" + "<Значение>x</Значение>" * 20_000 + "</Товар>"
    seen, fault = broken(package(catalog(many(3) + fat)), limits)
    assert seen == ["0", "1", "2"]
    assert "Слишком большой объект" in fault.message
    # Neither may unknown elements fill the memory.
    assert "Слишком большой" in broken(package("<Прочее>x</Прочее>" * 20_000), limits)[1].message


def test_errors_of_the_file_itself_pass_through() -> None:
    class Gone(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 10_000:
                raise OSError("the disk is gone")
            return super().read(size)

    with pytest.raises(OSError, match="the disk is gone"):
        list(scan(Gone(WHOLE)))


def test_raw_that_is_no_object() -> None:
    with pytest.raises(CommerceMLError, match="Сохранённый объект"):
        parse_raw(b"<a")
    with pytest.raises(CommerceMLError, match="Неизвестный элемент"):
        parse_raw(b"<a/>")


def test_inspect_counts_what_cannot_be_read() -> None:
    body = (
        "<Предложение><Ид>1</Ид><Цены><Цена><ЦенаЗаЕдиницу>дорого</ЦенаЗаЕдиницу></Цена><Цена/></Цены>"
        "<Количество>3</Количество></Предложение>"
        '<Предложение><Ид>2</Ид><Количество>3</Количество><Склад ИдСклада="w"/>'
        '<Склад ИдСклада="v"/>'
        "</Предложение><Предложение><Ид>3</Ид><Количество/></Предложение>"
        "<Предложение><Ид>4</Ид><Остатки><Остаток><Количество>1</Количество></Остаток></Остатки>"
        "</Предложение>"
    )
    assert inspect(BytesIO(package(offers(body), schema="3.1"))) == Summary(
        offers=4, prices=2, stocks=4, schema="3.1"
    )


def test_inspect_of_a_broken_file() -> None:
    with pytest.raises(CommerceMLError, match="обрывается"):
        inspect(BytesIO(WHOLE[:-1]))


def test_one_namespace_prefix() -> None:
    data = (
        '<c:КоммерческаяИнформация xmlns:c="urn:1C.ru:commerceml_2"><c:Каталог><c:Товары><c:Товар>'
        "<c:Ид>1</c:Ид></c:Товар></c:Товары></c:Каталог></c:КоммерческаяИнформация>"
    ).encode()
    assert only(data, Product) == Product("1")
