"""Reading what a server says: lines of plain text, the first one a status."""

from dataclasses import dataclass

import requests

#: What a byte sequence is tried as when the server doesn't say.
_ENCODINGS = ("utf-8-sig", "windows-1251")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's lines."""

    lines: tuple[str, ...]

    @property
    def status(self) -> str:
        """``success``, ``progress``, ``failure``, or whatever stands first."""
        return self.lines[0].lower() if self.lines else ""

    @property
    def message(self) -> str:
        """All that follows the status."""
        return "\n".join(self.lines[1:])

    def value(self, key: str) -> str:
        """What a line ``key=…`` gives; empty without one."""
        prefix = f"{key}="
        return next(
            (line[len(prefix) :] for line in self.lines if line.lower().startswith(prefix)), ""
        )


def read(response: requests.Response, encoding: str | None = None) -> Answer:
    """Lines of `response`, in its declared charset, else in `encoding`, else in what fits."""
    return parse(response.content, response.headers.get("Content-Type", ""), encoding)


def parse(content: bytes, content_type: str, encoding: str | None = None) -> Answer:
    """The same of what was read already."""
    text = _decode(content, content_type, encoding).removeprefix("\ufeff")
    return Answer(tuple(line.strip() for line in text.splitlines() if line.strip()))


def _decode(content: bytes, content_type: str, encoding: str | None) -> str:
    declared = content_type.lower().partition("charset=")[2]
    for candidate in (declared.strip(" \"'"), encoding, *_ENCODINGS):
        if not candidate:
            continue
        try:
            return content.decode(candidate)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("utf-8", "replace")
