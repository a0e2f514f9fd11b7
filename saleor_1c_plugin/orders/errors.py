"""Why a document of 1C's is not applied."""


class Refused(Exception):
    """Nothing of the document can be used; `message` tells 1C's operator why (Russian)."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Skipped(Refused):
    """The same, but it is as it should be: nothing is left to do about the document."""
