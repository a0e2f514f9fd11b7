"""1C's HTTP service that takes orders: it trusts nobody but the shop, and reads what comes."""

import hashlib
import hmac
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

from saleor_1c_plugin.commerceml.documents import Document, Operation
from saleor_1c_plugin.commerceml.reader import scan

SECRET = "ключ-службы-1С"
PATH = "/base/hs/orders"


@dataclass
class Service:
    """What came, and what is answered.

    Attributes
    ----------
    packages, bodies
        Documents of each request that was taken, in the order in which they came; its bytes.
    statuses
        Of the next answers; then it is 200.
    meanwhile
        Called while a request is being answered.
    """

    url: str = ""
    packages: list[list[Document]] = field(default_factory=list)
    bodies: list[BytesIO] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    @property
    def orders(self) -> list[Document]:
        """The order of each package."""
        found = [
            [document for document in package if document.operation is Operation.ORDER]
            for package in self.packages
        ]
        assert all(len(orders) == 1 for orders in found)
        return [order for (order,) in found]

    def wait(self, count: int, seconds: float = 60) -> None:
        """Until so many packages were taken."""
        deadline = time.monotonic() + seconds
        while len(self.packages) < count:
            assert time.monotonic() < deadline, (count, self.answers, self.packages)
            time.sleep(0.02)

    def take(self, body: bytes, content_type: str, signature: str, key: str) -> int:
        status = self._status(body, signature)
        self.answers.append(status)
        if status == 200:
            assert content_type == "text/xml; charset=utf-8"
            parsed = [node.parse() for node in scan(BytesIO(body))]
            self.packages.append([item for item in parsed if isinstance(item, Document)])
            self.bodies.append(BytesIO(body))
            self.keys.append(key)
        self.meanwhile()
        return status

    def _status(self, body: bytes, signature: str) -> int:
        fields = dict(part.partition("=")[::2] for part in signature.split(","))
        signed = f"{fields.get('t')}.".encode() + body
        expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, fields.get("v1", "")):
            return 401
        if abs(time.time() - int(fields["t"])) > 300:
            return 401
        return self.statuses.pop(0) if self.statuses else 200


@contextmanager
def serving() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == PATH:
                status = service.take(
                    body,
                    self.headers["Content-Type"],
                    self.headers["X-Signature"],
                    self.headers["Idempotency-Key"],
                )
            else:
                status = 404
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """What came is kept; a log beside it is noise."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Workers are killed in the middle of a request."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}{PATH}"
    yield service
    server.shutdown()
    server.server_close()
    thread.join()
