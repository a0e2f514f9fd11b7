"""PayPal's two worlds: where money moves, and where it does not."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hosts:
    #: Of the API.
    api: str
    #: Where the certificates of its signatures are.
    certificates: str
    #: The name that they are made out to.
    signer: str


_LIVE = Hosts(
    "https://api-m.paypal.com", "https://api.paypal.com", "messageverificationcerts.paypal.com"
)
_SANDBOX = Hosts(
    "https://api-m.sandbox.paypal.com",
    "https://api.sandbox.paypal.com",
    "messageverificationcerts.sandbox.paypal.com",
)


def hosts(*, sandbox: bool) -> Hosts:
    """Where to call.

    The host may name one address for all (``ONEC_PAYPAL_API``, for trying things out), the
    dashboard may not: whoever could change it there would have the secret sent wherever he likes.
    """
    found = _SANDBOX if sandbox else _LIVE
    other = os.environ.get("ONEC_PAYPAL_API")
    return Hosts(other, other, found.signer) if other else found


def roots_file() -> str:
    """Certificates of authorities whose word is taken (PEM): the usual ones.

    The host may say otherwise (``ONEC_PAYPAL_ROOTS``, for trying things out).
    """
    # Where nothing of PayPal's is switched on, its packages need not be there.
    import certifi

    return os.environ.get("ONEC_PAYPAL_ROOTS") or certifi.where()
