"""What goes over the wire."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Request:
    """What came.

    Attributes
    ----------
    headers
        By lower-case names.
    query
        Each parameter once: the last one counts.
    peer
        SHA-256 of the client's certificate, in hex, where it has shown one.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    peer: str = ""

    @cached_property
    def json(self) -> Any:
        """The body; ``None`` where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, body: Mapping[str, Any]) -> "Answer":
        return cls(status, json.dumps(body, ensure_ascii=False).encode())
