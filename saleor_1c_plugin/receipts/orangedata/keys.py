"""Keys and certificates as merchants have them: PEM, or the XML of OrangeData's key generator.

A field of a single line takes the line ends out of what is pasted into it, so blanks count for
nothing.
"""

import base64
import binascii
import re
import secrets
import ssl
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache

import certifi
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
#: Of the protocol, 1.2.5.
_LEAST_BITS = 2048
#: Before the body of a key that is encrypted in OpenSSL's old way.
_HEADERS = re.compile(r"\s*(Proc-Type: 4,ENCRYPTED)\s+(DEK-Info: [A-Z0-9-]+,[0-9A-F]+)\s")
_XML = ("Modulus", "Exponent", "D", "P", "Q", "DP", "DQ", "InverseQ")


class Unreadable(ValueError):
    """It is no such key or certificate. The text holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """By which OrangeData knows who is connected: a certificate, and its key."""

    #: PEM, those above it too where there are; two with the same one are one.
    certificate: bytes = field(repr=False)
    key: rsa.RSAPrivateKey = field(repr=False, compare=False)

    @classmethod
    def read(cls, certificate: str, key: str, password: str = "") -> "Identity":
        """Read both.

        Parameters
        ----------
        password
            Of the key; empty: it has none, or needs none.

        Raises
        ------
        Unreadable
            One of them is something else, or they don't belong together.
        """
        identity = cls(_tidy(certificate), private_key(key, password))
        try:
            identity._load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        except ssl.SSLError:
            raise Unreadable("No certificate, or not that of the key") from None
        return identity

    def context(self, authorities: str = "") -> ssl.SSLContext:
        """For connections on which we say who we are.

        Parameters
        ----------
        authorities
            File with the certificates of those who may vouch for the other side; empty: the usual.
        """
        context = ssl.create_default_context(cafile=authorities or certifi.where())
        self._load(context)
        return context

    def _load(self, context: ssl.SSLContext) -> None:
        """The library reads keys from files only.

        What is written there for that moment is encrypted with a password that nobody keeps,
        should this process end before it is taken away.
        """
        password = secrets.token_bytes(32)
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(self.certificate + _encrypted(self.key, password))
            file.flush()
            context.load_cert_chain(file.name, password=password)


# To see whether the numbers are those of a key takes long, and settings are read often.
@lru_cache(maxsize=16)
def private_key(text: str, password: str = "") -> rsa.RSAPrivateKey:
    """A key of a merchant's.

    Raises
    ------
    Unreadable
        It is none, or too short to be one.
    """
    text = text.lstrip("\ufeff \t\r\n")
    key = _of_xml(text) if text.startswith("<") else _of_pem(text, password)
    if key.key_size < _LEAST_BITS:
        raise Unreadable("The key is too short")
    return key


def signature(body: bytes, key: rsa.RSAPrivateKey) -> str:
    """For the header ``X-Signature``: SHA256-RSA (PKCS #1, v1.5) in base64."""
    return base64.b64encode(key.sign(body, padding.PKCS1v15(), hashes.SHA256())).decode()


def _of_pem(text: str, password: str) -> rsa.RSAPrivateKey:
    pem = _tidy(text)
    try:
        try:
            key = serialization.load_pem_private_key(pem, password.encode() or None)
        except TypeError:
            # A password was given, and it has none.
            key = serialization.load_pem_private_key(pem, None)
    except (TypeError, ValueError):
        raise Unreadable("No key, or another password") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Unreadable("No RSA key")
    return key


def _of_xml(text: str) -> rsa.RSAPrivateKey:
    """Of XML Signature's ``RSAKeyValue``, with what .NET adds for private keys."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(text.encode(), parser)
        numbers = [
            int.from_bytes(base64.b64decode(root.findtext(name, ""), validate=False))
            for name in _XML
        ]
        n, e, d, p, q, dp, dq, inverse = numbers
        return rsa.RSAPrivateNumbers(
            p, q, d, dp, dq, inverse, rsa.RSAPublicNumbers(e, n)
        ).private_key()
    except (binascii.Error, etree.XMLSyntaxError, ValueError):
        raise Unreadable("No key") from None


def _encrypted(key: rsa.RSAPrivateKey, password: bytes) -> bytes:
    encryption = serialization.BestAvailableEncryption(password)
    return key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def _tidy(text: str) -> bytes:
    """PEM with its line ends where they belong; what stands between the blocks is left out."""
    blocks = []
    for label, inner in _BLOCK.findall(text):
        headers = _HEADERS.match(inner)
        body = "".join(inner[headers.end() if headers else 0 :].split())
        lines = [*headers.groups(), ""] if headers else []
        lines += [body[start : start + 64] for start in range(0, len(body), 64)]
        blocks.append("\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]))
    return "".join(blocks).encode()
