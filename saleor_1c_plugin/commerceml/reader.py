"""Reading a package as a stream: one object at a time, memory that does not grow.

:func:`scan` yields a :class:`Node` per object. A node knows at once what an importer needs to
see that nothing has changed (kind, id, bytes) and is parsed only when something has.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import BinaryIO, cast

from lxml import etree

from .elements import PARENT, ROOT, SECTION_HEAD, SECTIONS, kind_of, read, told
from .errors import CommerceMLError, ValueFault
from .goods import OfferPart, full_id
from .items import Item
from .limits import Limits
from .model import ItemKind, Offer
from .names import NAMES, bare_copy, line_of, text_of
from .parts import read_trade, split
from .source import Source
from .unreadable import Unreadable

__all__ = ["CommerceMLError", "Limits", "Node", "ValueFault", "parse_raw", "scan"]

#: Objects that come by the thousand: name → (name of what they stand in, kind).
_ITEMS = {
    "Товар": ("Товары", ItemKind.PRODUCT),
    "Предложение": ("Предложения", ItemKind.OFFER),
    "Свойство": ("Свойства", ItemKind.PROPERTY),
    "СвойствоНоменклатуры": ("Свойства", ItemKind.PROPERTY),
}
#: Short lists, taken whole: their elements' names also stand inside goods, in great number.
_LISTS = {
    "Категории": "Категория",
    "ТипыЦен": "ТипЦены",
    "Склады": "Склад",
    "ЕдиницыИзмерения": "ЕдиницаИзмерения",
}
_GROUP, _DOCUMENT, _CONTAINER = "Группа", "Документ", "Контейнер"
_COUNTERPARTY, _COUNTERPARTIES = "Контрагент", "Контрагенты"
#: The order matters for speed: libxml2's end of every element is compared with these in turn.
_TAGS = tuple(
    f"{{*}}{name}"
    for name in (
        *_ITEMS,
        _GROUP,
        *_LISTS,
        _DOCUMENT,
        _COUNTERPARTY,
        _CONTAINER,
        *SECTIONS,
        ROOT,
    )
)

#: Blank text between elements is not kept: raw bytes do not depend on a file's indentation.
_RAW_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    remove_blank_text=True,
    remove_comments=True,
    remove_pis=True,
)


class Node:
    """One object of a package, as :func:`scan` came upon it.

    Attributes
    ----------
    kind, id, line
        What it is, 1C's id (``""`` where it has none) and the line where it begins.
    """

    __slots__ = ("_element", "_parts", "_raw", "id", "kind", "line")

    def __init__(self, kind: ItemKind, own_id: str, line: int, element: etree._Element) -> None:
        self.kind = kind
        self.id = own_id
        self.line = line
        self._element: etree._Element | None = element
        self._raw: bytes | None = None
        self._parts: dict[OfferPart, bytes] | None = None

    @property
    def element(self) -> etree._Element:
        """The element itself; but for goods, offers and properties gone when the scan moves on."""
        if self._element is None:
            raise RuntimeError("the scan has moved on: this node's element is gone")
        return self._element

    @property
    def raw(self) -> bytes:
        """The element's bytes in UTF-8, enough for :func:`parse_raw`.

        A group carries its parent's id instead of its subgroups, and a section only its head.
        The same whenever it is asked for; of goods, offers and properties also after the scan has
        moved on.
        """
        if self._raw is None:
            self._raw = etree.tostring(self.element, encoding="UTF-8", with_tail=False)
        return self._raw

    @property
    def parts(self) -> dict[OfferPart, bytes]:
        """Of an offer: its card, prices and stock, those that the element tells.

        Each is enough for :func:`parse_raw`, and available as long as :attr:`raw`.
        """
        if self._parts is None:
            self._parts = split(self.element, self.id)
        return self._parts

    def keep(self) -> None:
        """Take the bytes while the element is in its tree.

        Outside, lxml makes up another namespace prefix for each element, and bytes that differ
        every time would say that everything changed.
        """
        if self.kind is ItemKind.OFFER:
            self.parts  # noqa: B018
        else:
            self.raw  # noqa: B018

    def parse_trade(self) -> Offer:
        """Read an offer's prices and stock alone; raises as :meth:`parse` does."""
        try:
            return read_trade(self.element, self.id)
        except Unreadable as fault:
            raise told(fault, self.id) from fault

    def parse(self) -> Item:
        """Read the object; goods, offers and properties also after the scan has moved on.

        Raises
        ------
        ValueFault
            A number or a switch in this object cannot be read; the scan can go on.
        """
        return read(self.element, self.id)

    def __repr__(self) -> str:
        return f"<Node {self.kind} {self.id!r} line {self.line}>"


def parse_raw(raw: bytes) -> Item:
    """Read an object from the bytes that :attr:`Node.raw` gave."""
    try:
        element = etree.fromstring(raw, _RAW_PARSER)
    except etree.XMLSyntaxError as error:
        raise CommerceMLError(f"Сохранённый объект не читается: {error.msg}") from error
    kind = kind_of(element)
    own_id = "" if kind is None else _identity(element, kind)
    if kind is ItemKind.DOCUMENT:
        for part in element.iter():
            part.sourceline = 0  # these bytes are of no file
    return read(element, own_id, with_lines=False)


def scan(source: BinaryIO, limits: Limits | None = None) -> Iterator[Node]:
    """Read a package from `source`, one object at a time.

    The package comes first. A section comes before everything in it, and once more after it when
    something that stands behind its goods changed its head. Groups come parents first.

    Parameters
    ----------
    source
        A file opened for binary reading, at its beginning.
    limits
        How much may be held in memory.

    Raises
    ------
    CommerceMLError
        The file cannot be read on. What was yielded before was whole.
    """
    file = Source(source, limits or Limits())
    if NAMES[file.root.tag] == ROOT:
        yield from _lend(_node(ItemKind.PACKAGE, bare_copy(file.root)))
    events = etree.iterparse(
        # Only ``read`` is ever called.
        cast(BinaryIO, file),
        events=("end",),
        tag=_TAGS,
        load_dtd=False,
        no_network=True,
        resolve_entities=False,
        huge_tree=False,
        remove_blank_text=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        yield from _nodes(events, file)
    except etree.XMLSyntaxError as error:
        raise file.explain(error, events.error_log) from error


def _nodes(events: Iterator[tuple[str, etree._Element]], file: Source) -> Iterator[Node]:
    container: etree._Element | None = None
    kind = ItemKind.PRODUCT
    section: etree._Element | None = None
    announced = b""
    complete = False
    line = 0
    for _, element in events:
        parent = element.getparent()
        if container is None or parent is not container:
            name = NAMES[element.tag]
            complete = complete or parent is None
            if name in SECTIONS:
                if _depth_within(element, 1):
                    head = _section_node(element)
                    if element is not section or head.raw != announced:
                        yield from _lend(head)
                    container = section = None
                    del element[:]
                    file.mark()
                continue
            if parent is None:
                continue
            if name == _CONTAINER:
                _forget_before(element, parent)
                continue
            if name == _DOCUMENT:
                if next(element.iterancestors("{*}" + _DOCUMENT), None) is None:
                    yield from _lend(_node(ItemKind.DOCUMENT, element))
                    _forget_before(element, parent)
                    file.mark()
                continue
            owner = parent if name in _LISTS else parent.getparent()
            if owner is None:
                continue
            if NAMES[owner.tag] in SECTIONS:
                if owner is not section:
                    section = owner
                    node = _section_node(owner)
                    announced = node.raw
                    yield from _lend(node)
            elif name != _COUNTERPARTY or NAMES[owner.tag] != ROOT:
                continue  # goods of a document, a subgroup, warehouses of an offer
            if name == _COUNTERPARTY:
                if NAMES[parent.tag] == _COUNTERPARTIES:
                    yield from _lend(_node(ItemKind.COUNTERPARTY, element))
                    _forget_before(element, parent)
                    file.mark()
                continue
            if name in _LISTS:
                for child in element:
                    if NAMES[child.tag] == _LISTS[name] and (listed := kind_of(child)):
                        yield from _lend(_node(listed, child))
                del element[:]
                file.mark()
                continue
            if name == _GROUP:
                yield from _groups(element)
                yield from _properties_of_groups(element)
                _forget_before(element, parent)
                file.mark()
                continue
            place, kind = _ITEMS[name]
            if NAMES[parent.tag] != place:
                continue
            container = parent
        # Whatever stands before this object has been dealt with. It is let go only now: the
        # parser may still be writing the text behind the last object.
        while container[0] is not element:
            del container[0]
        line = line_of(element)
        node = Node(kind, _identity(element, kind), line, element)
        # A caller that holds the node keeps its element, out of the tree: batches need that.
        yield node
        node.keep()
        file.mark()
    if not complete:
        # libxml2 before 2.12 takes bytes that its converter refuses for the end of the file,
        # and says nothing: half a catalogue would pass for a whole one.
        raise file.broken_off(line)


def _lend(node: Node) -> Iterator[Node]:
    yield node
    node._element = None


def _node(kind: ItemKind, element: etree._Element) -> Node:
    return Node(kind, _identity(element, kind), line_of(element), element)


def _identity(element: etree._Element, kind: ItemKind) -> str:
    own = ""
    for child in element:
        name = NAMES[child.tag]
        if name == "Ид":
            own = text_of(child)
            if kind is not ItemKind.OFFER or "#" in own:
                return own
        elif name == "ИдХарактеристики":
            return full_id(own, text_of(child))
        elif name == "Код" and kind is ItemKind.UNIT:
            return text_of(child) or own
    return own


def _depth_within(element: etree._Element, most: int) -> bool:
    return sum(1 for _ in element.iterancestors()) <= most


def _forget_before(element: etree._Element, parent: etree._Element) -> None:
    while parent[0] is not element:
        del parent[0]


def _section_node(element: etree._Element) -> Node:
    head = bare_copy(element)
    head.extend(deepcopy(child) for child in element if NAMES[child.tag] in SECTION_HEAD)
    return _node(SECTIONS[NAMES[element.tag]], head)


def _groups(top: etree._Element) -> Iterator[Node]:
    """Yield a group and its subgroups, parents first, in the order of the file."""
    stack = [(top, "")]
    while stack:
        element, parent_id = stack.pop()
        head = bare_copy(element)
        below = []
        for child in element:
            if NAMES[child.tag] == "Группы":
                below += [group for group in child if NAMES[group.tag] == _GROUP]
            elif NAMES[child.tag] != "Свойства":
                head.append(deepcopy(child))
        if parent_id:
            etree.SubElement(head, element.tag.replace(_GROUP, PARENT)).text = parent_id
        node = _node(ItemKind.GROUP, head)
        own_id = node.id
        yield from _lend(node)
        stack += [(group, own_id) for group in reversed(below)]


def _properties_of_groups(top: etree._Element) -> Iterator[Node]:
    """Yield the properties that the schema lets a group bring along."""
    for group in top.iter(f"{{*}}{_GROUP}"):
        for properties in (child for child in group if NAMES[child.tag] == "Свойства"):
            for element in properties:
                if kind_of(element) is ItemKind.PROPERTY:
                    node = _node(ItemKind.PROPERTY, element)
                    yield node
                    node.keep()
