"""A system of the merchant's own, on the loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class System(ThreadingHTTPServer):
    """Takes whatever comes, or says what it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[dict[str, str], bytes]] = []
        #: Key of an event → what it is answered with instead of being taken.
        self.refused: dict[str, int] = {}
        self.taken: list[str] = []
        thread = threading.Thread(target=self.serve_forever, args=[0.01], daemon=True)
        thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/events"

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _head, body in self.requests]

    @property
    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.told]

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: System

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
        key = json.loads(body)["key"]
        status = self.server.refused.get(key, 204)
        if status == 204:
            self.server.taken.append(key)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...
