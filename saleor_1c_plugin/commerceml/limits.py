"""How much of a package may be in memory at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of reading.

    Parameters
    ----------
    element_bytes
        Bytes of the file between the ends of two objects. A directory property with a hundred
        thousand values takes some 20 MB.
    """

    element_bytes: int = 32 << 20
