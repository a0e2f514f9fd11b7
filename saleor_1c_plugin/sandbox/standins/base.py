"""What all stand-ins have in common: a server, a clock, faults, and what was wrong."""

import hashlib
import json
import ssl
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from .faults import Fault, Faults
from .messages import Answer, Request
from .notifier import Notifier


class Broken(AssertionError):
    """A stand-in has made a mistake of its own, or was not spoken to as the real one wants."""


@dataclass(frozen=True)
class Violation:
    """One way in which a message is not as described.

    Attributes
    ----------
    side
        ``request``, ``answer`` or ``notification``.
    about
        Method and path.
    where
        The field (``amount.value``), parameter or header; empty: the message as a whole.
    """

    side: str
    about: str
    where: str
    reason: str


@dataclass(frozen=True)
class Exchange:
    """A call of the API.

    Attributes
    ----------
    answer
        What the provider had to say, though it may have been lost; ``None``: it was not asked.
    """

    request: Request
    answer: Answer | None
    fault: Fault | None


class StandIn(ABC):
    """A provider; used as a context.

    At the end of the context no message may have been a violation, unless a test has taken it out
    of :attr:`violations`; and nothing may have broken in here.

    Parameters
    ----------
    senders
        Threads that send notifications.
    port
        0: any that is free.
    tls
        ``None``: it is spoken to without.
    """

    def __init__(
        self,
        faults: Faults | None = None,
        senders: int = 1,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._port = port
        self._tls = tls
        self.faults = faults or Faults()
        self.notifier = Notifier(self.faults, senders)
        self.exchanges: list[Exchange] = []
        self.violations: list[Violation] = []
        #: What broke in here: a stand-in's own mistakes, never a client's.
        self.errors: list[str] = []
        self._ahead = timedelta()
        #: Held while anything is read or changed: one call at a time.
        self._lock = threading.RLock()

    # What a provider is.

    @abstractmethod
    def is_api(self, path: str) -> bool:
        """Whether it is for programs; all else are pages for people."""

    @abstractmethod
    def admit(self, request: Request) -> Answer | None:
        """What is answered to whom has no business here."""

    @abstractmethod
    def act(self, request: Request) -> Answer:
        """Do what a call of the API asks for."""

    @abstractmethod
    def page(self, request: Request) -> Answer:
        """What a browser is shown."""

    @abstractmethod
    def broken(self, status: int) -> Answer:
        """What is answered when nothing works."""

    @abstractmethod
    def pass_time(self) -> None:
        """Do what is due by :meth:`now`."""

    # Time.

    def now(self) -> datetime:
        """Of the provider's clock; in milliseconds, as all of them tell it."""
        now = datetime.now(UTC) + self._ahead
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def later(self, passed: timedelta) -> None:
        """Let time pass, and do what is due: nothing falls due unless a test says so."""
        with self._lock:
            self._ahead += passed
            self.pass_time()

    # Serving.

    @property
    def address(self) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", self._port), _handler(self))
        if self._tls:
            # Hands are shaken by each connection's own thread, when it first reads.
            self._server.socket = self._tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True)
        self._thread.start()
        self.notifier.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.notifier.stop()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self.errors:
            raise Broken(self.errors[0])
        if error is None and self.violations:
            raise Broken(f"{self.violations}")

    def serve(self, request: Request) -> tuple[Answer, Fault | None]:
        """What is answered, and what becomes of the answer."""
        if not self.is_api(request.path):
            with self._lock:
                return self.page(request), None
        time.sleep(self.faults.delay())
        fault = self.faults.next()
        if fault and fault.is_before:
            self.exchanges.append(Exchange(request, None, fault))
            return self.broken(self.faults.status()), fault
        answer = self.answer(request)
        self.exchanges.append(Exchange(request, answer, fault))
        return (self.broken(self.faults.status()) if fault is Fault.LOST else answer), fault

    def tell(
        self,
        event: str,
        object_id: str,
        body: Mapping[str, object] | bytes,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Notify the shop; what is no JSON comes as it is sent."""
        if not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
        self.notifier.tell(event, object_id, body, headers)

    def hold(self, found: list[Violation]) -> None:
        """Keep violations in mind."""
        self.violations += found

    def answer(self, request: Request) -> Answer:
        """What the provider has to say to a call of the API."""
        answer = self.admit(request)
        if answer is None:
            with self._lock:
                answer = self.act(request)
        return answer


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients are killed in the middle of a request."""


def _peer(connection: object) -> str:
    shown = connection.getpeercert(True) if isinstance(connection, ssl.SSLSocket) else None
    return hashlib.sha256(shown).hexdigest() if shown else ""


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: otherwise the other side waits for its delayed ACK.
        wbufsize = -1

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def do_PUT(self) -> None:
            self._serve()

        def do_PATCH(self) -> None:
            self._serve()

        def do_DELETE(self) -> None:
            self._serve()

        def _serve(self) -> None:
            address = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:
                # Whoever sent it has died: half a request is none.
                self.close_connection = True
                return
            request = Request(
                self.command,
                address.path,
                dict(parse_qsl(address.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                body,
                _peer(self.connection),
            )
            try:
                answer, fault = stand_in.serve(request)
            except Exception:
                stand_in.errors.append(traceback.format_exc())
                answer, fault = Answer(500), None
            if fault in (Fault.UNHEARD, Fault.DROPPED):
                self.close_connection = True
                return
            body = answer.body
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if fault is Fault.CUT:
                # Of an empty answer half is the whole: the next call must not come by this way.
                self.send_header("Connection", "close")
                body = body[: len(body) // 2]
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """What came is kept; a log beside it is noise."""

    return Handler
