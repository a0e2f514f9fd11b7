"""What may be wrong with a package; texts are for 1C's operator."""


class CommerceMLError(Exception):
    """The file cannot be read on: `message` says why in Russian, `line` where (0: not known)."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line

    def __str__(self) -> str:
        return f"{self.message} (строка {self.line})" if self.line else self.message


class ValueFault(CommerceMLError):
    """One object holds a value that cannot be read; the rest of the file can be read on.

    `item_id` is 1C's id of the object and `text` the value as it was sent.
    """

    def __init__(self, message: str, line: int = 0, item_id: str = "", text: str = "") -> None:
        super().__init__(message, line)
        self.item_id = item_id
        self.text = text
