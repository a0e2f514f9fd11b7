"""Texts in the forms that Saleor keeps: slugs and EditorJS."""

import re
from collections.abc import Collection, Iterable
from hashlib import blake2b
from typing import Any

import nh3
from django.utils.text import slugify
from text_unidecode import unidecode

_BLOCK_END = re.compile(r"(?i)</(?:p|div|li|tr|table|ul|ol|h[1-6])\s*>|<br\s*/?>")
_INLINE = {"a", "b", "strong", "i", "em", "u", "s", "code", "mark", "sub", "sup"}


def slugs(names: Iterable[tuple[str, str]], taken: "Collection[str] | None" = None) -> list[str]:
    """Slugs for pairs of key and name, unlike each other and those `taken`.

    A collision is resolved by the key, so that running again gives the same slug.
    """
    used = set(taken or ())
    result = []
    for key, name in names:
        slug = base_slug(name)
        if slug in used:
            slug = f"{slug[:200]}-{blake2b(key.encode(), digest_size=6).hexdigest()}"
        used.add(slug)
        result.append(slug)
    return result


def base_slug(name: str) -> str:
    """The slug that a name has when nothing else has it."""
    return slugify(unidecode(name))[:200] or "1c"


def editorjs(text: str, *, is_html: bool) -> dict[str, Any] | None:
    """A description as EditorJS blocks; Saleor's field sanitizes them once more when saved."""
    if is_html:
        # Some type a few tags into plain text: its lines are the paragraphs then.
        paragraphs = _BLOCK_END.split(text) if _BLOCK_END.search(text) else text.splitlines()
        parts = [nh3.clean(part, tags=_INLINE) for part in paragraphs]
    else:
        parts = [nh3.clean_text(part) for part in text.splitlines()]
    blocks = [
        {"id": f"onec{number}", "type": "paragraph", "data": {"text": part.strip()}}
        for number, part in enumerate(parts)
        if part.strip()
    ]
    if not blocks:
        return None
    return {"blocks": blocks, "version": "2.24.3"}


def plain(text: str, *, is_html: bool) -> str:
    """The words of a description, for searching."""
    if not is_html:
        return text
    return " ".join(nh3.clean(_BLOCK_END.sub(" ", text), tags=set()).split())
