"""The bytes of a package on their way to the parser, and what went wrong with them.

The parser is libxml2, whose own limits (depth 256, a text of 10 MB) stay switched on.
"""

import re
from collections.abc import Iterable
from typing import Any, BinaryIO, cast

from lxml import etree

from .elements import ROOT, SECTIONS
from .errors import CommerceMLError
from .limits import Limits
from .names import NAMES, line_of

#: Enough for any declaration and root tag that 1C writes.
_HEAD = 4096
#: What may stand before the root: comments, instructions.
_PROLOGUE = 1 << 16

_EMPTY = "Файл пуст"
_NOT_XML = "Это не XML: файл должен начинаться с «<?xml»"
_DOCTYPE = "Файл содержит DOCTYPE. Он не нужен CommerceML и не принимается из-за опасности"
_ENCODING = (
    "Кодировка файла не та, что указана в его первой строке: "
    "пересохраните файл в UTF-8 или укажите верную кодировку"
)
_CUT = "Файл обрывается: получен не весь пакет"

_DECLARED = re.compile(rb"""^[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)""")

_Errors = etree.ErrorTypes
_ENCODING_ERRORS = frozenset(
    {
        _Errors.ERR_INVALID_ENCODING,
        _Errors.ERR_UNKNOWN_ENCODING,
        _Errors.ERR_UNSUPPORTED_ENCODING,
        _Errors.ERR_ENCODING_NAME,
        _Errors.ERR_MISSING_ENCODING,
        _Errors.I18N_CONV_FAILED,
        _Errors.I18N_NO_HANDLER,
        _Errors.I18N_NO_OUTPUT,
    }
)


class Source:
    """A file for ``iterparse``: the peeked head again, then the rest, measured.

    An object that does not end within `limits.element_bytes` would be built whole in memory;
    reading stops there.
    """

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file = file
        self._limit = limits.element_bytes
        self._head = b""
        self._since = 0
        #: Whether the file has been read to its end.
        self.ended = False
        #: Root element with its attributes; its children are not complete.
        self.root = self._peek()

    def read(self, size: int) -> bytes:
        if self._head:
            data, self._head = self._head, b""
        else:
            data = self._file.read(size)
            if not data:
                self.ended = True
        self._since += len(data)
        if self._since > self._limit + size:
            raise CommerceMLError(
                f"Слишком большой объект: больше {self._limit // 1024} КБ без единого конца объекта"
            )
        return data

    def mark(self) -> None:
        """Note that an object has been read and let go."""
        self._since = 0

    def _peek(self) -> etree._Element:
        """Read up to the root's start tag and judge it, before anything is built from the file."""
        parser = etree.XMLPullParser(
            events=("start",), resolve_entities=False, no_network=True, load_dtd=False
        )
        head = b""
        while True:
            data = self._fill()
            if not head:
                _check_start(data)
            head += data
            error = None
            try:
                if data:
                    parser.feed(data)
                else:
                    self.ended = True
                    parser.close()
            except etree.XMLSyntaxError as caught:
                error = caught
            if data or error is None:
                for _, root in cast(Iterable[tuple[str, etree._Element]], parser.read_events()):
                    self._head = head
                    _check_root(root)
                    return root
            if _is_misdeclared(head):
                raise CommerceMLError(_ENCODING, 1)
            if error is not None:
                raise self.explain(error) from error
            if not data:
                raise CommerceMLError(_CUT)
            if len(head) > _PROLOGUE:
                raise CommerceMLError(f"Не найден корневой элемент «{ROOT}»")

    def _fill(self) -> bytes:
        # Some files give a byte at a time; libxml2 needs a few to see the encoding.
        data = b""
        while len(data) < _HEAD:
            part = self._file.read(_HEAD - len(data))
            if not part:
                break
            data += part
        return data

    def explain(
        self, error: etree.XMLSyntaxError, log: Iterable[etree._LogEntry] = ()
    ) -> CommerceMLError:
        """Say in the operator's words what the parser stumbled over.

        `log` is the parser's own: at the end of a file the error may only say that there is no
        root, and the reason stands in the log.
        """
        line, text = error.lineno or 0, error.msg or ""
        code: Any = getattr(error, "code", None)
        first = next(iter(log), None)
        if first is not None:
            line, text, code = first.line or line, first.message or text, first.type
        if code in _ENCODING_ERRORS or "encoding" in text.lower():
            return CommerceMLError(_ENCODING, line)
        if "excessive depth" in text.lower():
            return CommerceMLError("Слишком глубокая вложенность элементов", line)
        if code == _Errors.ERR_UNDECLARED_ENTITY:
            return CommerceMLError(f"Неизвестная сущность XML: {text}", line)
        if self.ended:
            return CommerceMLError(_CUT, line)
        return CommerceMLError(f"Ошибка разметки XML: {text}", line)

    def broken_off(self, line: int) -> CommerceMLError:
        """Say that the parser stopped before the root's end, and gave no error of its own."""
        return CommerceMLError(_ENCODING, line)


def _check_start(data: bytes) -> None:
    if not data.strip():
        raise CommerceMLError(_EMPTY)
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):  # UTF-16
        return
    if data.startswith(b"PK\x03\x04"):
        raise CommerceMLError("Это ZIP-архив, а не XML")
    if not data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        raise CommerceMLError(_NOT_XML, 1)


def _check_root(root: etree._Element) -> None:
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None:
        raise CommerceMLError(_DOCTYPE, line_of(root))
    name = NAMES[root.tag]
    if name not in SECTIONS and name != ROOT:
        raise CommerceMLError(
            f"Это не CommerceML: корневой элемент «{name[:60]}», а должен быть «{ROOT}»",
            line_of(root),
        )


def _is_misdeclared(head: bytes) -> bool:
    """Whether the root's name stands in `head`, but in another encoding than is declared."""
    declared = _DECLARED.search(head)
    name = declared[1].decode("ascii") if declared else "utf-8"
    try:
        expected = ROOT.encode(name)
    except (LookupError, UnicodeError):
        expected = b""
    found = (ROOT.encode("utf-8"), ROOT.encode("cp1251"))
    return any(written in head and written != expected for written in found)
