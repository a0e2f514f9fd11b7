"""Whether a notification is PayPal's: it is signed, and the certificate is at PayPal's.

Who sends one names the certificate. So only an address at PayPal is ever called; what lies there
has to be made out to PayPal's signer by an authority that is trusted anyway.
"""

import base64
import binascii
import re
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from ..http import download
from ..provider import NoAnswer
from .hosts import Hosts, roots_file

ID = "paypal-transmission-id"
TIME = "paypal-transmission-time"
SIGNATURE = "paypal-transmission-sig"
CERTIFICATE = "paypal-cert-url"
ALGORITHM = "paypal-auth-algo"
HEADERS = (ID, TIME, SIGNATURE, CERTIFICATE, ALGORITHM)

#: PayPal tries again for three days.
_OLDEST = timedelta(days=4)
#: Clocks differ.
_NEWEST = timedelta(minutes=10)
#: Bytes of a certificate with those above it, and how long and how many are kept.
_MOST = 64 << 10
_KEPT_SECONDS = 24 * 3600.0
_KEPT = 16

#: Address → what is there, and until when (monotonic).
_certificates: dict[str, tuple[tuple[x509.Certificate, ...], float]] = {}


@dataclass(frozen=True, slots=True)
class Signature:
    """What is sent along with a notification."""

    transmission: str
    #: As it is written: it is part of what is signed.
    at: str
    signed: bytes
    certificate: str

    @classmethod
    def of(cls, headers: Mapping[str, str], hosts: Hosts) -> "Signature | None":
        """Of a notification that may be PayPal's; ``None``: it can't be.

        Parameters
        ----------
        headers
            By lower-case names.
        """
        given = {name: headers.get(name, "") for name in HEADERS}
        if given[ALGORITHM] != "SHA256withRSA":
            return None
        # To the letter, so that no two readers of addresses can differ about the host.
        place = re.escape(f"{hosts.certificates}/v1/notifications/certs/")
        if not re.fullmatch(place + r"[A-Za-z0-9_-]{1,100}", given[CERTIFICATE]):
            return None
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,50}", given[ID]):
            return None
        try:
            signed = base64.b64decode(given[SIGNATURE], validate=True)
            at = datetime.fromisoformat(given[TIME])
        except (ValueError, binascii.Error):
            return None
        if at.tzinfo is None or not 64 <= len(signed) <= 1024:
            return None
        if not -_NEWEST < datetime.now(UTC) - at < _OLDEST:
            return None
        return cls(given[ID], given[TIME], signed, given[CERTIFICATE])

    def fits(self, body: bytes, webhook: str, key: rsa.RSAPublicKey) -> bool:
        """Whether the owner of this key has signed it."""
        said = f"{self.transmission}|{self.at}|{webhook}|{zlib.crc32(body)}".encode()
        try:
            key.verify(self.signed, said, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True


def certificates(url: str) -> tuple[x509.Certificate, ...]:
    """The certificate at this address, and those above it; nothing where there are none.

    Raises
    ------
    NoAnswer
        It can't be had at present.
    """
    found = _certificates.get(url)
    if found is not None and time.monotonic() < found[1]:
        return found[0]
    status, text = download(url, _MOST)
    if status >= 500 or status in (408, 425, 429):
        raise NoAnswer(f"HTTP {status} for a certificate")
    try:
        chain = tuple(x509.load_pem_x509_certificates(text)) if status == 200 else ()
    except ValueError:
        chain = ()
    if chain:
        if len(_certificates) >= _KEPT:
            _certificates.clear()
        _certificates[url] = (chain, time.monotonic() + _KEPT_SECONDS)
    return chain


def is_trusted(chain: tuple[x509.Certificate, ...], signer: str) -> bool:
    """Whether the first of these is made out to this name, and the last by a known authority."""
    verifier = PolicyBuilder().store(_roots(roots_file()))
    try:
        verifier.build_server_verifier(x509.DNSName(signer)).verify(chain[0], list(chain[1:]))
    except VerificationError:
        return False
    return True


@cache
def _roots(path: str) -> Store:
    return Store(x509.load_pem_x509_certificates(Path(path).read_bytes()))
