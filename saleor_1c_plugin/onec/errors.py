"""Why an exchange did not succeed."""


class ExchangeError(Exception):
    """The exchange can't go on; the text says at which request and why."""


class Refused(ExchangeError):
    """The server answered ``failure``."""

    def __init__(self, request: str, reason: str) -> None:
        super().__init__(f"{request}: {reason or 'the server gave no reason'}")
        self.reason = reason


class BadAnswer(ExchangeError):
    """The answer isn't one that 1C understands (there: "unknown import status")."""


class BadPackage(ExchangeError):
    """There is nothing to send, or it can't be read."""
