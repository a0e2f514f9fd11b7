"""What a client says of itself by HTTP Basic (RFC 7617)."""

import base64
import binascii

from django.http import HttpRequest


def credentials(request: HttpRequest) -> tuple[bytes, bytes] | None:
    """Name and password, in whatever encoding the client has; ``None`` where there are none."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    name, colon, password = pair.partition(b":")
    return (name, password) if colon else None
