"""The Saleor suite's settings as a shop in production has them: no record of every query."""

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.saleor.settings import *  # noqa: F403

DEBUG = False
# Saleor refuses to start without a key of its own where it is not being debugged.
RSA_PRIVATE_KEY = (
    rsa.generate_private_key(65537, 2048)
    .private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    .decode()
)
