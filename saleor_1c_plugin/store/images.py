"""Whether a file that 1C calls a picture is one: both shops ask here before they keep it."""

from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif", "WEBP": ".webp", "BMP": ".bmp"}


class NotAPicture(ValueError):
    """The shop can't show this file; the text says why, for 1C's operator (Russian)."""


def suffix_of(content: BinaryIO) -> str:
    """Suffix for what the picture really is, whatever its name says; reads no pixels.

    Raises
    ------
    NotAPicture
        No image, a broken one, of an odd format, or with more pixels than anybody can want.
    """
    try:
        with Image.open(content) as image:
            suffix = _SUFFIXES.get(image.format or "")
            image.verify()
    except Image.DecompressionBombError as error:
        raise NotAPicture("слишком много точек") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise NotAPicture("это не изображение или оно повреждено") from error
    if suffix is None:
        raise NotAPicture("формат изображения не поддерживается")
    return suffix
