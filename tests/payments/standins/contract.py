"""Whether messages are as a provider's published OpenAPI description says."""

import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from saleor_1c_plugin.sandbox.standins.base import Violation
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

from ...commerceml.shared import DATA

__all__ = ["Contract", "Violation", "published"]

type Schema = Mapping[str, Any]

_REPOSITORY = Path(__file__).parents[3]


class Contract(Protocol):
    """What is nowhere described is a violation, too: a misspelt field would do nothing."""

    def request(self, request: Request) -> list[Violation]:
        """What is wrong with a request."""

    def answer(self, request: Request, answer: Answer, side: str = "answer") -> list[Violation]:
        """What is wrong with an answer to this request."""

    def schema(self, name: str) -> Schema:
        """One of the description's own."""


@cache
def published(name: str, prefix: str, security: str) -> Contract | None:
    """The contract of this file of the shared data; ``None`` where that is not here.

    Saleor's environment has no validator: there another Python, which has one, is asked.
    """
    path = DATA / "openapi" / name
    if not path.is_file():
        return None
    if importlib.util.find_spec("openapi_core") is None:
        return Elsewhere(path, prefix, security)
    from .openapi import described

    return described(path, prefix, security)


class Elsewhere:
    """The same in a process of another environment (``ONEC_TESTS_PYTHON``, else ``.venv``)."""

    def __init__(self, path: Path, *arguments: str) -> None:
        python = os.environ.get("ONEC_TESTS_PYTHON") or str(_REPOSITORY / ".venv/bin/python")
        self._lock = threading.Lock()
        # It ends with this process, which closes its input.
        self._process = subprocess.Popen(
            [python, "-m", __name__, str(path), *arguments],
            cwd=_REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(_REPOSITORY)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def request(self, request: Request) -> list[Violation]:
        return [Violation(**one) for one in self._ask("request", request=_packed(request))]

    def answer(self, request: Request, answer: Answer, side: str = "answer") -> list[Violation]:
        asked = {"request": _packed(request), "answer": _packed(answer), "side": side}
        return [Violation(**one) for one in self._ask("answer", **asked)]

    def schema(self, name: str) -> Schema:
        found: Schema = self._ask("schema", name=name)
        return found

    def _ask(self, method: str, **arguments: Any) -> Any:
        with self._lock:
            assert self._process.stdin
            assert self._process.stdout
            print(json.dumps([method, arguments]), file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        assert line, "The validator has ended; see its traceback"
        return json.loads(line)


def _packed(message: Request | Answer) -> dict[str, Any]:
    return {**asdict(message), "body": message.body.decode("latin-1")}


def _unpacked[Message: (Request, Answer)](kind: type[Message], packed: dict[str, Any]) -> Message:
    return kind(**{**packed, "body": packed["body"].encode("latin-1")})


def _answer_questions(path: str, prefix: str, security: str) -> None:
    from .openapi import described

    contract = described(Path(path), prefix, security)
    for line in sys.stdin:
        method, arguments = json.loads(line)
        if "request" in arguments:
            arguments["request"] = _unpacked(Request, arguments["request"])
        if "answer" in arguments:
            arguments["answer"] = _unpacked(Answer, arguments["answer"])
        found = getattr(contract, method)(**arguments)
        told = found if method == "schema" else [asdict(one) for one in found]
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    _answer_questions(*sys.argv[1:])
