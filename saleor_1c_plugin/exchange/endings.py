"""Whether a file that comes in parts is there: an older 1C says it by no word of its own."""

import io
import os
import re
import zipfile

from . import spool
from .models import SpoolFile, SpoolPart
from .names import is_archive
from .storage import spool_storage

_ROOT = re.compile(rb"<([^\s<>?!/]+)")
#: Before the root there are a declaration and perhaps a comment.
_HEAD = 4096
#: A comment of an archive stands behind the end of its directory (APPNOTE.TXT, 4.3.16).
_TAIL = 22 + 0xFFFF


def is_there(file: SpoolFile, file_limit: int) -> bool:
    """Whether no other part follows.

    A part that is smaller than parts may be (`file_limit` bytes) is the last. A full one is it
    where the file ends with it: where XML closes its root, or an archive has its directory.
    """
    last = file.parts.order_by("number").last()
    if last is None or last.size < file_limit:
        return True
    tail = _read(last, max(0, last.size - _TAIL), _TAIL)
    if is_archive(file.name):
        return zipfile.is_zipfile(io.BytesIO(tail))
    with spool.open_spooled(file) as source:
        root = _ROOT.search(source.read(_HEAD))
    return root is not None and tail.rstrip().endswith(b"</" + root[1] + b">")


def _read(part: SpoolPart, offset: int, size: int) -> bytes:
    with spool_storage().open(part.key, "rb") as source:
        source.seek(offset, os.SEEK_SET)
        found: bytes = source.read(size)
    return found
