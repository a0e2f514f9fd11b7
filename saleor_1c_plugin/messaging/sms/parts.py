"""What a text weighs as an SMS: its alphabet, and how many messages it takes (3GPP TS 23.038)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

#: The default alphabet, 6.2.1; its escape (0x1B) is no character.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Its extension, 6.2.1.1: each takes an escape as well.
_EXTENDED = frozenset("\f^{}\\[~]|€")


#: Signs of typography, and what does as well. For one of them a whole text would weigh double.
_PLAINER = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("‘’‚`", "'"),
        "…": "...",
        "×": "x",
        "₽": "RUB",
    }
)


class Alphabet(StrEnum):
    """In which a text is sent."""

    #: Seven bits a character.
    GSM7 = "GSM-7"
    #: Two bytes a character: Cyrillic, and all else.
    UCS2 = "UCS-2"

    @property
    def most(self) -> int:
        """Units of a message that is alone."""
        return 160 if self is Alphabet.GSM7 else 70

    @property
    def most_of_many(self) -> int:
        """Units of one of several: its number among them takes six bytes."""
        return 153 if self is Alphabet.GSM7 else 67


@dataclass(frozen=True, slots=True)
class Size:
    alphabet: Alphabet
    #: Septets, or pairs of bytes.
    units: int
    parts: int


def measure(text: str) -> Size:
    """What a text weighs; an empty one is a message, too."""
    if all(sign in _BASIC or sign in _EXTENDED for sign in text):
        alphabet = Alphabet.GSM7
        weights = [2 if sign in _EXTENDED else 1 for sign in text]
    else:
        alphabet = Alphabet.UCS2
        weights = [2 if ord(sign) > 0xFFFF else 1 for sign in text]
    units = sum(weights)
    if units <= alphabet.most:
        return Size(alphabet, units, 1)
    return Size(alphabet, units, _packed(weights, alphabet.most_of_many))


def thrifty(text: str) -> str:
    """The same text by plainer signs, where it then takes fewer parts."""
    plainer = text.translate(_PLAINER)
    return plainer if measure(plainer).parts < measure(text).parts else text


def _packed(weights: Iterable[int], most: int) -> int:
    """Parts that signs of these weights take: none is torn apart."""
    parts, room = 1, most
    for weight in weights:
        if weight > room:
            parts, room = parts + 1, most
        room -= weight
    return parts
