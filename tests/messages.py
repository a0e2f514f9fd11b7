"""Keeps the translations in line with the sources: ``make messages``.

Every room has its own (Django looks for them inside apps); what the package has beside its rooms
goes with the exchange, which is never missing. The texts in the sources are English, so that
English needs no catalogue. The compiled ones are committed: nobody needs gettext to install this.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).parents[1] / "saleor_1c_plugin"
ROOMS = (
    *("catalog", "crm", "exchange", "history", "messaging", "orders", "outbox"),
    *("payments", "receipts", "reservations", "sandbox"),
)
LANGUAGES = ("ru",)

_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
}


def po_path(room: str, language: str) -> Path:
    return PACKAGE / room / "locale" / language / "LC_MESSAGES" / "django.po"


def mo_path(room: str, language: str) -> Path:
    return po_path(room, language).with_suffix(".mo")


def read(room: str, language: str) -> Catalog:
    """The catalogue as committed; an empty one where there is none."""
    path = po_path(room, language)
    catalog = Catalog(locale=language, domain="django", fuzzy=False)
    if path.exists():
        with path.open("rb") as source:
            catalog = read_po(source, locale=language, domain="django")
    # What Babel would have people fill in, and nobody does.
    catalog.header_comment = catalog.msgid_bugs_address = catalog.last_translator = ""
    catalog.language_team = ""
    catalog.project, catalog.version = "saleor-1c-plugin", room
    return catalog


def template(room: str) -> Catalog:
    """All texts of a room, as its sources have them."""
    catalog = Catalog(domain="django", fuzzy=False)
    for path, source in _sources(room):
        for _line, message, comments, context in extract("python", BytesIO(source), _KEYWORDS):
            name = path.relative_to(PACKAGE.parent).as_posix()
            catalog.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return catalog


def compiled(catalog: Catalog) -> bytes:
    """A catalogue as Django reads it."""
    target = BytesIO()
    write_mo(target, catalog)
    return target.getvalue()


def _sources(room: str) -> Iterator[tuple[Path, bytes]]:
    paths = [*(PACKAGE / room).rglob("*.py")]
    if room == "exchange":
        paths += PACKAGE.glob("*.py")
    for path in sorted(paths):
        yield path, path.read_bytes()
    for path in sorted((PACKAGE / room).rglob("*.html")):
        yield path, templatize(path.read_text("utf-8")).encode()


def main() -> None:
    """Bring every catalogue up to date, and say what is left to translate."""
    for room in ROOMS:
        texts = template(room)
        for language in LANGUAGES:
            catalog = read(room, language)
            catalog.update(texts, no_fuzzy_matching=True, update_creation_date=False)
            catalog.obsolete.clear()
            path = po_path(room, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as target:
                write_po(target, catalog, width=99, sort_by_file=True, include_lineno=False)
            mo_path(room, language).write_bytes(compiled(catalog))
            left = sum(1 for message in catalog if message.id and not message.string)
            print(f"{path.relative_to(PACKAGE.parent)}: {len(catalog)} texts, {left} untranslated")


if __name__ == "__main__":
    main()
