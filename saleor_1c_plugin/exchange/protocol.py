"""A request of 1C as text, and an answer to it as bytes."""

import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Protocol, Self
from urllib.parse import parse_qsl
from wsgiref.util import FileWrapper

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

SUCCESS = "success"
PROGRESS = "progress"
FAILURE = "failure"

_CHUNK = 1 << 16


def decode(raw: bytes) -> str:
    """Text of an old client: UTF-8, or else windows-1251."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("windows-1251", "replace")


def _text(value: str) -> str:
    try:
        return decode(value.encode("latin-1"))
    except UnicodeEncodeError:
        # Sent unencoded and decoded by the web server already.
        return value


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a request; a missing one is ``""``."""

    type: str
    mode: str
    filename: str
    sessid: str
    #: ``None`` when 1C did not ask.
    version: str | None
    #: Seconds to wait for news; ours, no part of 1C's protocol.
    wait: int

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Read the query string itself: Django takes percent-encoding for UTF-8 always."""
        pairs: Mapping[str, str] = dict(
            parse_qsl(
                request.META.get("QUERY_STRING", ""),
                keep_blank_values=True,
                encoding="latin-1",
                max_num_fields=100,
            )
        )

        def value(key: str) -> str:
            return _text(pairs.get(key, ""))

        return cls(
            type=value("type").strip().lower(),
            mode=value("mode").strip().lower(),
            filename=value("filename"),
            sessid=value("sessid").strip(),
            version=value("version").strip() if "version" in pairs else None,
            wait=int(wait) if (wait := value("wait")).isascii() and wait.isdigit() else 0,
        )


class Answer(Protocol):
    """Whatever a mode answers."""

    def response(self, encoding: str, request: HttpRequest) -> HttpResponseBase:
        """The answer in 1C's encoding."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Lines of an answer, the first of which 1C understands."""

    lines: tuple[str, ...]

    @classmethod
    def success(cls, *lines: str) -> Self:
        return cls((SUCCESS, *lines))

    @classmethod
    def progress(cls, line: str) -> Self:
        return cls((PROGRESS, line))

    @classmethod
    def failure(cls, reason: str) -> Self:
        return cls((FAILURE, reason))

    @property
    def is_progress(self) -> bool:
        return self.lines[0] == PROGRESS

    def response(self, encoding: str, request: HttpRequest | None = None) -> HttpResponse:
        """The answer in 1C's encoding; what can't be said in it becomes ``?``."""
        response = HttpResponse(
            "\n".join(self.lines).encode(encoding, "replace"),
            content_type=f"text/plain; charset={encoding}",
        )
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response


@dataclass(frozen=True, slots=True)
class Package:
    """A package for 1C, written to `file` in the encoding that its first line names."""

    file: BinaryIO

    def response(self, encoding: str, request: HttpRequest) -> HttpResponseBase:
        """The file as a stream, with its length: 1C then knows a cut-off one."""
        size = self.file.seek(0, io.SEEK_END)
        self.file.seek(0)
        # An ASGI server would first gather whatever an ordinary iterator gives.
        asynchronous = isinstance(request, ASGIRequest)
        response = StreamingHttpResponse(
            _async_chunks(self.file) if asynchronous else FileWrapper(self.file, _CHUNK),
            content_type=f"text/xml; charset={encoding}",
        )
        response["Content-Length"] = str(size)
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response


async def _async_chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    # A local temporary file: to wait for it is cheaper than to hand it to a thread.
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
