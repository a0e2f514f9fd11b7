"""A signed POST to a receiver, and what its answer means for the message."""

import hashlib
import hmac
import threading
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy

import requests
import urllib3

from .errors import Refused, Retry

#: Of an answer that is read; the rest breaks the connection off.
MAX_ANSWER = 64 << 10
#: The longest pause that a receiver may ask for, in seconds.
MAX_RETRY_AFTER = 3600.0
#: Client errors that are no fault of the message: too slow, too early, too many.
_LATER = (408, 425, 429)

_local = threading.local()


def post(
    url: str,
    body: bytes,
    *,
    key: str,
    secret: str,
    content_type: str = "application/json",
    timeout: float = 10.0,
) -> bytes:
    """POST `body`; the receiver's answer, as far as 64 kB.

    The receiver can tell a repetition by ``Idempotency-Key``, and by ``X-Signature`` who sent it
    and when: ``t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>." and the body under the secret>``.

    Parameters
    ----------
    key
        The message's.
    secret
        Known to the receiver and to us.
    timeout
        Seconds to connect, and to wait for each part of the answer.

    Raises
    ------
    Retry
        No connection, no answer in time, or one that says that the receiver is at fault.
    Refused
        An answer that says that the request is; a redirection, too, for it is not followed.
    """
    moment = int(time.time())
    headers = {
        "Content-Type": content_type,
        "Idempotency-Key": key,
        "X-Signature": f"t={moment},v1={signature(body, secret, moment)}",
    }
    return send(url, body, headers, timeout)


def send(url: str, body: bytes, headers: Mapping[str, str], timeout: float = 10.0) -> bytes:
    """POST `body` with headers of the caller's; see :func:`post` for what is returned and raised.

    Parameters
    ----------
    timeout
        Seconds to connect, and to wait for each part of the answer.
    """
    try:
        with session().post(
            url, data=body, headers=headers, timeout=timeout, allow_redirects=False, stream=True
        ) as response:
            answer = read(response, time.monotonic() + timeout)
    except (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError) as error:
        # The exception's own text holds the address, and that may hold a password.
        raise Retry(f"No answer: {type(error).__name__}") from None
    except (requests.RequestException, ValueError) as error:
        raise Refused(f"The request can't be sent: {type(error).__name__}") from None
    _require_success(response, answer)
    return answer


def signature(body: bytes, secret: str, moment: int) -> str:
    """Hex HMAC of a body that was signed at a time (Unix seconds)."""
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()


class Session(requests.Session):
    """Keeps connections between messages, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        # Nothing packed: a small answer could unpack to a huge one.
        self.headers.update({"User-Agent": "saleor-1c-plugin", "Accept-Encoding": "identity"})
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Otherwise passwords of ~/.netrc would be looked for, and sent.
        self.auth = lambda request: request

    def get_redirect_target(self, response: requests.Response) -> None:
        """Nowhere: requests would read the whole body of the redirection first."""


def session() -> requests.Session:
    """This thread's: it keeps connections between calls, and no cookies or passwords."""
    found: requests.Session | None = getattr(_local, "session", None)
    if found is None:
        found = _local.session = Session()
    return found


def read(response: requests.Response, until: float, most: int = MAX_ANSWER) -> bytes:
    """The body of an answer that is streamed, as far as `most` bytes.

    Raises
    ------
    requests.ReadTimeout
        It goes on past `until`, monotonic seconds.
    """
    answer = b""
    while part := response.raw.read1(most - len(answer), decode_content=False):
        answer += part
        if len(answer) >= most:
            break
        if time.monotonic() > until:
            raise requests.ReadTimeout
    return answer


def _require_success(response: requests.Response, answer: bytes) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    if status >= 500 or status in _LATER:
        raise Retry(f"HTTP {status}", after=_retry_after(response.headers.get("Retry-After", "")))
    said = " ".join(answer[:400].decode("utf-8", "replace").split())
    raise Refused(f"HTTP {status}" + (f": {said[:200]}" if said else ""))


def _retry_after(header: str) -> float | None:
    """Seconds: HTTP lets the header name them, or a date (RFC 9110, 10.2.3)."""
    if header.isascii() and header.isdigit():
        seconds = float(header[:9])
    else:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except ValueError:
            return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)
