"""Refusals of the exchange."""


class Refused(Exception):
    """The request can't be served; the text is for 1C's operator (Russian)."""


class LostLease(Exception):
    """Somebody else works on the job now: this attempt must stop at once, without a trace."""
