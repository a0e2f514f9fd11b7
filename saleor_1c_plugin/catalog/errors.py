"""Why an import stops as a whole."""


class ImportStopped(Exception):
    """The import can't or must not go on; `message` tells 1C's operator why (Russian)."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
