"""A request of 1C as text, and an answer to it as bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse

SUCCESS = "success"
PROGRESS = "progress"
FAILURE = "failure"


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
        )


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

    def response(self, encoding: str) -> HttpResponse:
        """The answer in 1C's encoding; what can't be said in it becomes ``?``."""
        response = HttpResponse(
            "\n".join(self.lines).encode(encoding, "replace"),
            content_type=f"text/plain; charset={encoding}",
        )
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response
