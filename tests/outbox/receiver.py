"""A receiver on the loopback: lean, and as bad as it is told to be."""

import asyncio
import json
import random
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

_ANSWER = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n%s"
#: Longer than any caller of the tests waits.
_HANG_SECONDS = 5


@dataclass
class Receiver:
    """Takes messages ``{"number": n}`` about objects, each key once; in a thread of its own.

    Parameters
    ----------
    faults
        Share of the requests that go wrong: an answer of 5xx, none at all, or a connection that
        is dropped; by turns before and after the message was processed.
    seed
        Of which ones.
    """

    faults: float = 0.0
    seed: int = 0
    #: Before it answers.
    seconds: float = 0.0
    status: int = 200
    #: Lines, each with its end.
    headers: bytes = b""
    answer: bytes = b"{}"
    #: Object → numbers in the order in which they were first processed.
    processed: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    keys: set[bytes] = field(default_factory=set)
    requests: list[tuple[bytes, bytes]] = field(default_factory=list)
    keep_requests: bool = False
    connections: int = 0
    #: By kind.
    misbehaved: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    at: float = 0.0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)
        )
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/take"

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.close()
        self._loop.close()

    def response(self) -> bytes:
        return _ANSWER % (self.status, len(self.answer), self.headers, self.answer)

    def take(self, head: bytes, body: bytes) -> str:
        """What to do with a request: ``answer``, or a kind of fault."""
        if self.keep_requests:
            self.requests.append((head, body))
        fault = ""
        if self.faults and self._chance.random() < self.faults:
            fault = self._chance.choice(["5xx", "hang", "drop"])
            after = self._chance.random() < 0.5
            self.misbehaved[f"{fault} {'after' if after else 'before'}"] += 1
            if not after:
                return fault
        self._process(header(head, b"idempotency-key"), body)
        return fault

    def _process(self, key: bytes, body: bytes) -> None:
        if key and key not in self.keys:
            self.keys.add(key)
            message = json.loads(body)
            self.processed[message["object"]].append(message["number"])
            self.at = time.monotonic()


class _Connection(asyncio.Protocol):
    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._receiver.connections += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end or len(rest) < (length := int(header(head, b"content-length") or 0)):
            return
        self._buffer = rest[length:]
        match self._receiver.take(head, rest[:length]):
            case "hang":
                asyncio.get_running_loop().call_later(_HANG_SECONDS, self._transport.abort)
            case "drop":
                self._transport.abort()
            case "5xx":
                self._transport.write(_ANSWER % (503, 0, b"", b""))
            case "drip":
                self._transport.write(_ANSWER % (200, 1000, b"", b""))
                self._drip()
            case _:
                answer = self._receiver.response()
                if self._receiver.seconds:
                    loop = asyncio.get_running_loop()
                    loop.call_later(self._receiver.seconds, self._transport.write, answer)
                else:
                    self._transport.write(answer)

    def _drip(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(b"x")
            asyncio.get_running_loop().call_later(0.05, self._drip)


def header(head: bytes, name: bytes) -> bytes:
    """Value of a header of a request."""
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip()
    return b""
