"""What may go wrong in an exchange; texts are for 1C's operator (Russian)."""


class Refused(Exception):
    """The request or the package can't be taken; `message` is the reason that 1C shows."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotLoggedIn(Refused):
    """There is no session: nothing of the request may be believed.

    `note` is for the journal, where it may say more than a stranger is told.
    """

    def __init__(self, message: str, note: str = "") -> None:
        super().__init__(message)
        self.note = note or message


class LostLease(Exception):
    """Another worker has taken the job over: stop at once, write nothing."""
