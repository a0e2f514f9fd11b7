"""What may be wrong with a package; texts are for 1C's operator."""


class CommerceMLError(Exception):
    """The file cannot be read on: `message` says why in Russian, `line` where (0: not known)."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line

    def __str__(self) -> str:
        return f"{self.message} (строка {self.line})" if self.line else self.message
