"""Every text has its Russian, and what was compiled is what was translated."""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from django.utils.translation import gettext, ngettext, override

from . import messages

ROOMS = [(room, language) for room in messages.ROOMS for language in messages.LANGUAGES]


def ids(catalog: Catalog) -> set[tuple[str, ...]]:
    return {_forms(message.id) for message in catalog if message.id}


def _forms(text: str | Sequence[str]) -> tuple[str, ...]:
    """A text, or singular and plurals of one."""
    return (text,) if isinstance(text, str) else tuple(text)


@pytest.mark.parametrize(("room", "language"), ROOMS)
def test_every_text_of_the_sources_is_there_and_no_other(room: str, language: str) -> None:
    texts = ids(messages.template(room))
    assert texts
    assert ids(messages.read(room, language)) == texts, "run make messages, and translate"


@pytest.mark.parametrize(("room", "language"), ROOMS)
def test_every_text_is_translated(room: str, language: str) -> None:
    catalog = messages.read(room, language)
    for message in catalog:
        if not message.id:
            continue
        assert all(_forms(message.string)), message.id
        assert not message.fuzzy, message.id
        assert not message.check(catalog), (message.id, message.string)


@pytest.mark.parametrize(("room", "language"), ROOMS)
def test_the_compiled_catalogue_is_the_translated_one(room: str, language: str) -> None:
    committed = read_mo(BytesIO(messages.mo_path(room, language).read_bytes()))

    def texts(catalog: Catalog) -> dict[tuple[str, ...], tuple[str, ...]]:
        return {_forms(message.id): _forms(message.string) for message in catalog if message.id}

    assert texts(committed) == texts(messages.read(room, language)), "run make messages"


def test_a_text_has_one_translation_in_all_rooms() -> None:
    """Django makes one catalogue of all: of two translations one would be seen in both places."""
    found: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {}
    for room, language in ROOMS:
        for message in messages.read(room, language):
            if message.id:
                found.setdefault(_forms(message.id), {})[room] = _forms(message.string)
    differing = {text: rooms for text, rooms in found.items() if len(set(rooms.values())) > 1}
    assert not differing


def test_django_finds_them_and_english_needs_none() -> None:
    with override("ru"):
        assert gettext("Price types") == "Типы цен"
        assert gettext("Dry run") == "Пробный прогон"
        assert gettext("Mini-shop") == "Мини-магазин"
        plural = [ngettext("%(count)s variant", "%(count)s variants", n) for n in (1, 2, 5)]
    assert plural == ["%(count)s вариант", "%(count)s варианта", "%(count)s вариантов"]
    # The mini-shop's own language is Russian, and still nothing of it is heard in English.
    with override("en"):
        assert gettext("Price types") == "Price types"


def test_the_host_chooses_the_language_of_the_dashboard(monkeypatch: pytest.MonkeyPatch) -> None:
    from saleor_1c_plugin.language import gettext_lazy

    text = gettext_lazy("Price types")
    with override("en"):
        monkeypatch.setenv("ONEC_LANGUAGE", "ru")
        assert str(text) == "Типы цен"
        monkeypatch.delenv("ONEC_LANGUAGE")
        assert str(text) == "Price types"


def test_a_wheel_holds_all_that_is_no_code(tmp_path: Path) -> None:
    """Templates, translations and the mark of a typed package."""
    root = messages.PACKAGE.parent
    source = tmp_path / "source"
    source.mkdir()
    shutil.copytree(messages.PACKAGE, source / messages.PACKAGE.name)
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, source)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--wheel-dir", str(tmp_path), str(source)),
        ],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(root).as_posix()
        for path in messages.PACKAGE.rglob("*")
        if path.suffix in {".py", ".html", ".mo", ".typed"}
    }
    assert {Path(name).suffix for name in wanted} == {".py", ".html", ".mo", ".typed"}
    assert wanted <= packed, sorted(wanted - packed)
