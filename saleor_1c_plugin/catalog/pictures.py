"""The pictures that a card names, found among the files of the exchange."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from ..commerceml.model import Picture
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
