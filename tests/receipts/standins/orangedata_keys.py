"""Who may speak to OrangeData's stand-in, and how it says who it is itself."""

import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True)
class Certified:
    """A certificate with its key, both PEM."""

    certificate: str
    key: str

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hex."""
        found = x509.load_pem_x509_certificate(self.certificate.encode())
        return found.fingerprint(hashes.SHA256()).hex()


@cache
def authority() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = make_key()
    return key, _certificate("Stand-in Nebula", key.public_key(), None, key)


def roots() -> str:
    """PEM."""
    return authority()[1].public_bytes(serialization.Encoding.PEM).decode()


@cache
def certified(name: str, *, is_server: bool = False) -> Certified:
    """Somebody of this name, whom the authority vouches for."""
    issuer_key, issuer = authority()
    key = make_key()
    usage = ExtendedKeyUsageOID.SERVER_AUTH if is_server else ExtendedKeyUsageOID.CLIENT_AUTH
    made = _certificate(name, key.public_key(), issuer.subject, issuer_key, usage)
    return Certified(made.public_bytes(serialization.Encoding.PEM).decode(), pem(key))


def make_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey, password: bytes = b"") -> str:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    ).decode()


@cache
def context() -> ssl.SSLContext:
    """For the server: it looks at certificates, and turns nobody without one away by itself."""
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=roots())
    made.verify_mode = ssl.CERT_OPTIONAL
    own = certified("127.0.0.1", is_server=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "server.pem")
        path.write_text(own.certificate + own.key)
        made.load_cert_chain(path)
    return made


def _certificate(
    name: str,
    key: rsa.RSAPublicKey,
    issuer: x509.Name | None,
    issuer_key: rsa.RSAPrivateKey,
    usage: x509.ObjectIdentifier | None = None,
) -> x509.Certificate:
    """Of an authority where no `usage` is given."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    is_authority = usage is None
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(_usage(is_authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(identifier, critical=False)
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if usage == ExtendedKeyUsageOID.SERVER_AUTH:
        address = x509.IPAddress(ip_address(name))
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _usage(is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
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
