"""What a receiver's handler raises; everything else that it raises is tried again as well."""


class Retry(Exception):
    """The receiver can't take the message now.

    Parameters
    ----------
    reason
        For the page of people; no secrets.
    after
        Seconds until the next attempt, where the receiver has named them.
    """

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class Refused(Exception):
    """The receiver will never take the message as it is: a person must look at it.

    Parameters
    ----------
    reason
        For the page of people; no secrets.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
