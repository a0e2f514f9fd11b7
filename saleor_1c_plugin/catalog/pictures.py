"""The pictures that cards and offers name, found among the files of the exchange."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from ..commerceml.model import Offer, Picture, Product
from ..commerceml.reader import parse_raw
from ..store.ports import MediaWrite
from .hashing import canonical
from .register import Entry
from .report import PictureSource


@dataclass(frozen=True, slots=True)
class ExchangedPicture:
    """A picture by its content; opened only when the shop lacks it."""

    path: str
    digest: str
    caption: str
    source: PictureSource

    @property
    def filename(self) -> str:
        return self.path.rpartition("/")[2]

    def open(self) -> BinaryIO:
        """The content.

        Raises
        ------
        FileNotFoundError
            The file did not come with this exchange.
        """
        if self.path not in self.source.names():
            raise FileNotFoundError(self.path)
        return self.source.open(self.path)


def resolve_pictures(
    pictures: Sequence[Picture],
    known: Mapping[str, str],
    source: PictureSource,
    max_megabytes: int,
) -> tuple[list[ExchangedPicture], list[str]]:
    """Pictures of a card with their content's digest, and what is wrong with the others.

    `known` are digests of earlier exchanges: 1C names all pictures of a card every time and
    sends the files only when they changed.
    """
    found: list[ExchangedPicture] = []
    problems: list[str] = []
    names = source.names()
    for picture in pictures:
        if picture.path in names:
            size = source.size(picture.path)
            if size > max_megabytes * 1024 * 1024:
                problems.append(
                    f"Картинка {picture.path} больше {max_megabytes} МБ "
                    f"({size // (1024 * 1024)} МБ), пропущена"
                )
                continue
            digest = source.digest(picture.path)
        elif picture.path in known:
            digest = known[picture.path]
        else:
            problems.append(f"Файл картинки {picture.path} не пришёл")
            continue
        if all(digest != other.digest for other in found):
            found.append(ExchangedPicture(picture.path, digest, picture.caption, source))
    return found, problems


def shown(entry: Entry, source: PictureSource) -> list[ExchangedPicture]:
    """Pictures that the shop has for an object, in the order of its kept card."""
    # Schema 2.04 tells an offer's pictures in the catalogue, and not again with the offer.
    for raw in (entry.raw_card, entry.raw_goods):
        item = parse_raw(raw) if raw and entry.pictures else None
        if isinstance(item, Product | Offer) and item.pictures is not None:
            return [
                ExchangedPicture(
                    picture.path, entry.pictures[picture.path], picture.caption, source
                )
                for picture in item.pictures
                if picture.path in entry.pictures
            ]
    return []


def gallery(
    product_id: str,
    own: Sequence[ExchangedPicture],
    offers: Mapping[str, Sequence[ExchangedPicture]],
) -> tuple[MediaWrite, bytes]:
    """Everything that a product shows: its own pictures, then those of its offers; and its hash.

    `product_id` and the keys of `offers` are ids of the shop.
    """
    unique = {picture.digest: picture for picture in own}
    variants: dict[str, tuple[str, ...]] = {}
    for variant_id in sorted(offers):
        for picture in offers[variant_id]:
            unique.setdefault(picture.digest, picture)
        variants[variant_id] = tuple(picture.digest for picture in offers[variant_id])
    captions = [(digest, picture.caption) for digest, picture in unique.items()]
    shown_by = {variant_id: digests for variant_id, digests in variants.items() if digests}
    digest = canonical([captions, shown_by])
    return MediaWrite(product_id, tuple(unique.values()), variants), digest
