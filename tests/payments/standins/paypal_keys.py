"""Whose word PayPal's notifications are: certificates, and signatures under them."""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

#: The name under which PayPal signs in its sandbox.
SIGNER = "messageverificationcerts.sandbox.paypal.com"


@dataclass(frozen=True)
class Signer:
    """A certificate with its key.

    Attributes
    ----------
    chain
        PEM: its own certificate, then those up to the root.
    root
        PEM.
    """

    key: rsa.RSAPrivateKey
    chain: bytes
    root: bytes

    def headers(
        self,
        body: bytes,
        webhook: str,
        certificate_url: str,
        transmission: str,
        at: datetime,
    ) -> Mapping[str, str]:
        """What is sent along with a notification."""
        moment = at.isoformat(timespec="seconds").replace("+00:00", "Z")
        said = f"{transmission}|{moment}|{webhook}|{zlib.crc32(body)}".encode()
        signature = self.key.sign(said, padding.PKCS1v15(), hashes.SHA256())
        return {
            "PayPal-Transmission-Id": transmission,
            "PayPal-Transmission-Time": moment,
            "PayPal-Transmission-Sig": base64.b64encode(signature).decode(),
            "PayPal-Cert-Url": certificate_url,
            "PayPal-Auth-Algo": "SHA256withRSA",
        }


@cache
def signer(
    name: str = SIGNER, *, authority: str = "Stand-in Root", is_expired: bool = False
) -> Signer:
    """One that an authority of this name vouches for."""
    root_key, root = _authority(authority)
    middle_key = _key()
    middle = _certificate(
        *(f"{authority} TLS CA", middle_key.public_key(), root.subject, root_key),
        path_length=0,
    )
    key = _key()
    own = _certificate(
        *(name, key.public_key(), middle.subject, middle_key),
        days=-1 if is_expired else 30,
    )
    return Signer(key, _pem(own) + _pem(middle), _pem(root))


@cache
def _authority(name: str) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = _key()
    subject = _name(name)
    return key, _certificate(name, key.public_key(), subject, key, path_length=1)


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _certificate(
    name: str,
    key: rsa.RSAPublicKey,
    issuer: x509.Name,
    issuer_key: rsa.RSAPrivateKey,
    *,
    path_length: int | None = None,
    days: int = 30,
) -> x509.Certificate:
    """Of an authority where a `path_length` is given, else of a server."""
    is_authority = path_length is not None
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(is_authority, path_length), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(authority, critical=False)
    )
    if not is_authority:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False
        ).add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())
