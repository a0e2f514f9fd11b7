"""Addresses of invoices' pages, which nobody finds out who was not given one."""

from django.core.signing import BadSignature, Signer

_SIGNER = Signer(salt="saleor_1c_plugin.invoice")


def path_of(number: int) -> str:
    """Of an invoice's page, below the gateway's own."""
    return f"{_SIGNER.sign(str(number))}/"


def number_in(path: str) -> int | None:
    """The invoice whose page it is; ``None``: nobody was given that path."""
    try:
        return int(_SIGNER.unsign(path.strip("/")))
    except BadSignature:
        return None
