"""Why a document of 1C's is not applied."""


class Refused(Exception):
    """Nothing of the document can be used; `message` tells 1C's operator why (Russian)."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
