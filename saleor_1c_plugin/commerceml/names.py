"""Local names of elements, without asking which of 1C's namespaces a file uses.

Files carry ``urn:1C.ru:commerceml_2``, ``_210``, ``_3`` or none at all, with the same names.
"""

from typing import Any

from lxml import etree

#: A file has a few hundred names; a hostile one must not fill the memory with them.
_MOST = 4096


class _Names(dict[str, str]):
    def __missing__(self, tag: str) -> str:
        name = tag.rpartition("}")[2]
        if len(self) < _MOST:
            self[tag] = name
        return name


#: Local name by full tag; a dictionary because this is asked for every element read.
NAMES = _Names()


def text_of(element: etree._Element) -> str:
    """Stripped text of an element, ``""`` where it has none."""
    text = element.text
    return text.strip() if text else ""


def line_of(element: etree._Element) -> int:
    """Line of the file where an element begins; 0 where it is not known."""
    line: Any = element.sourceline  # the stubs' type for it is wrong
    return line or 0


def bare_copy(element: etree._Element) -> etree._Element:
    """Copy an element with its attributes and line, without what is inside it."""
    namespaces: Any = element.nsmap  # the stubs forbid the default namespace
    copy = etree.Element(element.tag, attrib=None, nsmap=namespaces)
    copy.attrib.update(element.attrib.items())
    copy.sourceline = element.sourceline
    return copy
