"""An offer's own pictures show its variant, among those of its product."""

from collections.abc import Mapping

import pytest

from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.sandbox.models import Media, Variant
from tests.exchange import exports

from .support import Exchange, catalogue, good, offers

pytestmark = pytest.mark.django_db

FRONT, WHITE, BLUE = (exports.picture(shade) for shade in (1, 2, 3))
FILES = {"import_files/f.jpg": FRONT, "import_files/w.jpg": WHITE, "import_files/b.jpg": BLUE}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def picture(name: str, caption: str = "") -> str:
    return f'<Картинка Описание="{caption}">import_files/{name}.jpg</Картинка>'


def offer(onec_id: str, pictures: str) -> str:
    inside = f"<Ид>{onec_id}</Ид><Наименование>{onec_id}</Наименование>{pictures}"
    return f"<Предложение>{inside}</Предложение>"


CARD = catalogue(good("p", more=picture("f", "Спереди")))
TRADE = offers(offer("p#w", picture("w", "Белая")) + offer("p#b", picture("b")) + offer("p", ""))


def content() -> list[tuple[bytes, str]]:
    """The product's pictures in order."""
    return [(media.image.open().read(), media.caption) for media in Media.objects.all()]


def shown() -> dict[str, list[bytes]]:
    return {
        variant.key: [media.image.open().read() for media in variant.media.all()]
        for variant in Variant.objects.prefetch_related("media")
    }


def run(*files: str, pictures: Mapping[str, bytes] = FILES) -> dict[str, int]:
    """An exchange; what became of its goods and offers."""
    exchange = Exchange(pictures)
    total: dict[str, int] = {}
    for file in files:
        report = exchange.send(file)
        assert report.messages == []
        for kind in (ItemKind.PRODUCT, ItemKind.OFFER):
            for outcome, n in report.of(kind).items():
                total[outcome] = total.get(outcome, 0) + n
    return total


WHOLE = [(FRONT, "Спереди"), (WHITE, "Белая"), (BLUE, "")]
SHOWN = {"p#w": [WHITE], "p#b": [BLUE], "p": []}


@pytest.mark.parametrize("files", [(CARD, TRADE), (TRADE, CARD, TRADE)])
def test_variants_show_their_pictures(files: tuple[str, ...]) -> None:
    exchange = Exchange(FILES)
    for file in files:
        exchange.send(file)
    assert content() == WHOLE
    assert shown() == SHOWN


def test_a_second_exchange_writes_nothing_with_the_files_and_without() -> None:
    run(CARD, TRADE)
    pks = list(Media.objects.values_list("pk", flat=True))
    for files in (FILES, {}):
        assert run(CARD, TRADE, pictures=files) == {"seen": 4, "unchanged": 4}
        assert list(Media.objects.values_list("pk", flat=True)) == pks


def test_a_card_that_changes_keeps_the_pictures_of_the_offers() -> None:
    run(CARD, TRADE)
    run(catalogue(good("p", "Иначе", more=picture("f", "Анфас"))), pictures={})
    assert content() == [(FRONT, "Анфас"), *WHOLE[1:]]
    assert shown() == SHOWN


def test_an_offer_that_gives_its_picture_up() -> None:
    run(CARD, TRADE)
    assert run(offers(offer("p#w", "<Картинка/>")), pictures={})["updated"] == 1
    assert content() == [WHOLE[0], WHOLE[2]]
    assert shown() == {**SHOWN, "p#w": []}


def test_a_picture_of_both_is_one() -> None:
    run(CARD, offers(offer("p#w", picture("f"))))
    assert content() == [(FRONT, "Спереди")]
    assert shown() == {"p#w": [FRONT]}


def test_schema_204_tells_them_in_the_catalogue() -> None:
    goods = good("p#w", more=picture("w")) + good("p#b", more=picture("b"))
    run(catalogue(goods), offers(offer("p#w", "") + offer("p#b", "")))
    assert {data for data, _ in content()} == {WHITE, BLUE}
    assert shown() == {"p#w": [WHITE], "p#b": [BLUE]}
    run(catalogue(goods), offers(offer("p#w", "") + offer("p#b", "")), pictures={})
    assert shown() == {"p#w": [WHITE], "p#b": [BLUE]}


def test_pictures_that_1c_does_not_own_are_left_to_the_editors(settings) -> None:
    settings.ONEC_CONFIGURATION = {"catalog": {"owns_pictures": False}}
    run(CARD, TRADE)
    assert content() == []
