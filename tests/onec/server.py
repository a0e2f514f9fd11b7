"""A server for the client to talk to: it remembers each request and answers as told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Request:
    method: str
    query: dict[str, str]
    body: bytes
    cookie: str
    authorization: str

    @property
    def mode(self) -> str:
        return self.query["mode"]


Reply = str | bytes | int
#: Answers a request; an ``int`` is an HTTP status.
Script = Callable[[Request], Reply]


@dataclass
class Site:
    """What the server was asked, and where it is."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)

    def of(self, mode: str) -> list[Request]:
        return [request for request in self.requests if request.mode == mode]

    @property
    def modes(self) -> list[str]:
        return [request.mode for request in self.requests]


def obliging(zip_: str = "no", limit: int = 1 << 20) -> Script:
    """A server without a complaint."""

    def answer(request: Request) -> Reply:
        if request.mode == "checkauth":
            return "success\nonec_session\nabc123\nsessid=s1\ntimestamp=1700000000"
        if request.mode == "init":
            return f"zip={zip_}\nfile_limit={limit}\nsessid=s1\nversion=3.1"
        return "success"

    return answer


@contextmanager
def serving(script: Script, content_type: str = "text/plain; charset=utf-8") -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            request = Request(
                self.command,
                dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True)),
                self.rfile.read(size),
                self.headers.get("Cookie", ""),
                self.headers.get("Authorization", ""),
            )
            site.requests.append(request)
            reply = script(request)
            status = reply if isinstance(reply, int) else 200
            content = b"" if isinstance(reply, int) else reply
            body = content.encode() if isinstance(content, str) else content
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """The requests are kept; a log beside them is noise."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}/1c/"
    yield site
    server.shutdown()
    server.server_close()
    thread.join()
