"""Small packages for the tests, written by hand as 1C writes them."""

from io import BytesIO

from saleor_1c_plugin.commerceml.items import Item
from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.commerceml.reader import Node, parse_raw, scan

NAMESPACES = ("", "urn:1C.ru:commerceml_2", "urn:1C.ru:commerceml_210", "urn:1C.ru:commerceml_3")


def package(
    body: str, *, namespace: str = "", encoding: str = "UTF-8", schema: str = "2.10"
) -> bytes:
    """Wrap `body` into a root element."""
    xmlns = f' xmlns="{namespace}"' if namespace else ""
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n'
        f'<КоммерческаяИнформация{xmlns} ВерсияСхемы="{schema}" '
        f'ДатаФормирования="2024-01-08T15:44:45">\n{body}\n</КоммерческаяИнформация>'
    ).encode(encoding)


def catalog(goods: str, attributes: str = "") -> str:
    return f"<Каталог {attributes}><Ид>cat</Ид><Товары>{goods}</Товары></Каталог>"


def offers(body: str, attributes: str = "") -> str:
    return (
        f"<ПакетПредложений {attributes}><Ид>cat#</Ид><Предложения>{body}</Предложения>"
        "</ПакетПредложений>"
    )


def classifier(body: str) -> str:
    return f"<Классификатор><Ид>cls</Ид><Наименование>К</Наименование>{body}</Классификатор>"


def items(data: bytes) -> list[Item]:
    """All objects of a package; each must read the same from its raw bytes."""
    found = []
    for node in scan(BytesIO(data)):
        item = node.parse()
        assert parse_raw(node.raw) == item
        found.append(item)
    return found


def of_kind(data: bytes, kind: ItemKind) -> list[Item]:
    return [node.parse() for node in scan(BytesIO(data)) if node.kind is kind]


def only[T](data: bytes, type_: type[T]) -> T:
    """The one object of this type in a package."""
    (found,) = [item for item in items(data) if isinstance(item, type_)]
    return found


def summary(nodes: list[Node]) -> list[tuple[ItemKind, str]]:
    return [(node.kind, node.id) for node in nodes]
