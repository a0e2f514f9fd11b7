"""The requests that 1C makes to a site, in its order, over one session."""

import secrets
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO, Literal, cast
from urllib.parse import quote, urlsplit

import requests
from requests.auth import HTTPBasicAuth

from . import answers
from .answers import Answer
from .errors import BadAnswer, BadPackage, ExchangeError, Refused
from .package import Entry, Package

#: Called with what is being done and, once it is there, the answer.
Listener = Callable[[str, Answer | None], None]
#: What some servers call their limit when they have none.
_NO_LIMIT = 1 << 40
_CHUNK = 1 << 16
#: Newest version of the exchange that is spoken here. Older documents don't tell what was paid on
#: the site: it would be taken for owed.
VERSION = "3.1"
#: What may stand before an XML declaration: a byte order mark, line ends.
_BEFORE_XML = b"\xef\xbb\xbf \t\r\n"
_POLL_SECONDS = (0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a server said to ``init``."""

    zip: bool
    file_limit: int
    version: str


def _silent(request: str, answer: Answer | None) -> None:
    """Tell nobody."""


class Client:
    """One exchange with a server.

    Parameters
    ----------
    base_url
        The address that is typed into 1C's site settings.
    login, password
        Sent once, with ``checkauth``; afterwards the session's cookie speaks for us.
    kind
        ``catalog``, or ``sale`` for documents.
    version
        Of the exchange, to be named at ``init``; empty: none, as an older 1C.
    encoding
        Of the answers where the server doesn't say, and of file names in addresses.
    listener
        Hears about each request.
    timeout
        Seconds without a byte after which a request has failed.
    patience
        Seconds that one file may stay in ``progress``; ``None`` waits for ever.
    """

    def __init__(
        self,
        base_url: str,
        login: str,
        password: str,
        *,
        kind: Literal["catalog", "sale"] = "catalog",
        version: str = VERSION,
        encoding: str | None = None,
        listener: Listener = _silent,
        timeout: float = 120,
        patience: float | None = None,
    ) -> None:
        self._url = base_url
        # As bytes: requests would write Cyrillic in Latin-1, and fail.
        self._credentials = HTTPBasicAuth(login.encode(), password.encode())
        self._kind = kind
        self._version = version
        self._encoding = encoding
        self._listener = listener
        self._timeout = timeout
        self._patience = patience
        self._session = requests.Session()
        # A proxy between this machine and itself is never meant.
        self._session.trust_env = urlsplit(base_url).hostname not in {"localhost", "127.0.0.1"}
        self._sessid = ""

    def checkauth(self) -> Answer:
        """Log in anew; keeps the cookie and, where the server gives one, the session's id."""
        self._session.headers.pop("Cookie", None)
        self._sessid = ""
        answer = self._request("checkauth", auth=self._credentials)
        self._expect(answer, "checkauth")
        if len(answer.lines) < 3:
            raise BadAnswer("checkauth: the answer names no cookie")
        name, value = answer.lines[1:3]
        self._session.headers["Cookie"] = f"{name}={value}"
        self._sessid = answer.value("sessid")
        return answer

    def init(self) -> Abilities:
        """Ask what the server can do."""
        answer = self._request("init", {"version": self._version} if self._version else {})
        if answer.status == "failure":
            raise Refused("init", answer.message)
        self._sessid = answer.value("sessid") or self._sessid
        zip_, limit = answer.value("zip").lower(), answer.value("file_limit")
        if zip_ not in {"yes", "no"} or not limit.isdigit():
            raise BadAnswer(f"init: expected zip= and file_limit=, got {list(answer.lines)}")
        return Abilities(zip_ == "yes", int(limit) or _NO_LIMIT, answer.value("version"))

    def send_file(self, name: str, source: IO[bytes], limit: int = _NO_LIMIT) -> int:
        """Send a file in parts of at most `limit` bytes; returns how many there were."""
        parts = 0
        while (part := source.read(min(limit, 1 << 30))) or not parts:
            parts += 1
            request = f"file {name}" + (f", part {parts}" if parts > 1 else "")
            answer = self._request("file", {"filename": name}, body=part, title=request)
            self._expect(answer, request)
        return parts

    def ask_import(self, name: str) -> Answer:
        """Ask once for a sent file to be imported, whatever the answer is."""
        return self._request("import", {"filename": name}, title=f"import {name}")

    def import_file(self, name: str) -> Answer:
        """Have a sent file imported, asking again for as long as the server works on it."""
        return self._work_off("import", {"filename": name}, f"import {name}")

    def deactivate(self, timestamp: str = "") -> Answer:
        """Say that the export was full: what it did not name is gone."""
        return self._work_off("deactivate", {"timestamp": timestamp} if timestamp else {})

    def complete(self) -> Answer:
        """Say that nothing follows."""
        return self._work_off("complete", {})

    def upload(
        self,
        package: Package,
        *,
        zipped: bool | None = None,
        deactivate: bool = False,
        complete: bool = True,
    ) -> list[str]:
        """Do a whole exchange.

        Parameters
        ----------
        zipped
            Send one archive; ``None``: when the server can, as 1C does.
        deactivate, complete
            Say at the end that the export was full, and that it is over.

        Returns
        -------
        list of str
            Names of the imported files, in order.
        """
        sale = self._kind == "sale"
        files = package.documents() if sale else package.catalog()
        if not files:
            what = "documents" if sale else "catalogue files"
            raise BadPackage(f"the package holds no {what}")
        welcome = self.checkauth()
        abilities = self.init()
        if zipped and not abilities.zip:
            raise ExchangeError("init: the server takes no ZIP")
        attachments = [] if sale else package.attachments()
        if abilities.zip if zipped is None else zipped:
            with _zipped(package, [*attachments, *files]) as (name, archive):
                self.send_file(name, archive, abilities.file_limit)
        else:
            for entry in [*attachments, *files]:
                with entry.open() as source:
                    self.send_file(entry.name, source, abilities.file_limit)
        for entry in files:
            self.import_file(entry.name)
        if deactivate:
            self.deactivate(welcome.value("timestamp"))
        if complete:
            self.complete()
        return [entry.name for entry in files]

    def query(self, target: IO[bytes]) -> int:
        """Write the package of what is new into `target`; returns how many bytes it has.

        Raises
        ------
        Refused, BadAnswer
            The server answers with a failure, or with anything else than XML.
        """
        return self._download("query", target)

    def info(self, target: IO[bytes]) -> int:
        """The same for the site's lists: statuses, ways to pay and to deliver."""
        return self._download("info", target)

    def confirm(self) -> Answer:
        """Say that what the last :meth:`query` gave was taken over."""
        answer = self._request("success")
        self._expect(answer, "success")
        return answer

    def fetch(self, take: Callable[[BinaryIO], int]) -> int:
        """Take over all that is new, portion after portion, within one session.

        Parameters
        ----------
        take
            Reads a portion, and returns how many documents were in it. What it has taken is
            confirmed: should it fail, the server gives the portion again.

        Returns
        -------
        int
            How many documents there were.
        """
        self.checkauth()
        self.init()
        total = 0
        while True:
            with tempfile.TemporaryFile() as package:
                self.query(package)
                package.seek(0)
                count = take(cast(BinaryIO, package))
            # Also when there was nothing: 1C ends its exchange so.
            self.confirm()
            if not count:
                return total
            total += count

    def _download(self, mode: str, target: IO[bytes]) -> int:
        self._listener(mode, None)
        size, start = 0, b""
        try:
            with self._send(mode, stream=True) as response:
                for chunk in response.iter_content(_CHUNK):
                    start = start or chunk
                    size += target.write(chunk)
        except requests.RequestException as error:
            raise ExchangeError(f"{mode}: {error}") from error
        if response.status_code != 200 or not start.lstrip(_BEFORE_XML).startswith(b"<"):
            answer = answers.parse(start, response.headers.get("Content-Type", ""), self._encoding)
            self._check_status(mode, response, answer)
            if answer.status == "failure":
                raise Refused(mode, answer.message)
            raise BadAnswer(f"{mode}: expected XML, got {list(answer.lines)[:3]}")
        self._listener(mode, Answer((f"{size} bytes",)))
        return size

    def _work_off(self, mode: str, query: Mapping[str, str], title: str = "") -> Answer:
        title = title or mode
        deadline = None if self._patience is None else time.monotonic() + self._patience
        attempt = 0
        while True:
            answer = self._request(mode, query, title=title)
            if answer.status != "progress":
                self._expect(answer, title)
                return answer
            if deadline is not None and time.monotonic() > deadline:
                raise ExchangeError(f"{title}: still in progress after {self._patience:g} s")
            time.sleep(_POLL_SECONDS[min(attempt, len(_POLL_SECONDS) - 1)])
            attempt += 1

    def _request(
        self,
        mode: str,
        query: Mapping[str, str] | None = None,
        *,
        body: bytes | None = None,
        auth: HTTPBasicAuth | None = None,
        title: str = "",
    ) -> Answer:
        title = title or mode
        self._listener(title, None)
        try:
            response = self._send(mode, query, body=body, auth=auth)
        except requests.RequestException as error:
            raise ExchangeError(f"{title}: {error}") from error
        answer = answers.read(response, self._encoding)
        self._check_status(title, response, answer)
        self._listener(title, answer)
        return answer

    def _send(
        self,
        mode: str,
        query: Mapping[str, str] | None = None,
        *,
        body: bytes | None = None,
        auth: HTTPBasicAuth | None = None,
        stream: bool = False,
    ) -> requests.Response:
        fields = {"type": self._kind, "mode": mode, **(query or {})}
        if self._sessid:
            fields["sessid"] = self._sessid
        text = "&".join(
            f"{key}={quote(value, safe='/', encoding=self._encoding or 'utf-8')}"
            for key, value in fields.items()
        )
        return self._session.request(
            "GET" if body is None else "POST",
            f"{self._url}{'&' if '?' in self._url else '?'}{text}",
            data=body,
            auth=auth,
            headers={"Content-Type": "application/octet-stream"} if body is not None else {},
            timeout=self._timeout,
            # 1C doesn't follow a redirect either: it hides a wrong address.
            allow_redirects=False,
            stream=stream,
        )

    @staticmethod
    def _check_status(title: str, response: requests.Response, answer: Answer) -> None:
        if response.status_code != 200 and answer.status != "failure":
            start = " ".join(answer.lines)[:200]
            raise BadAnswer(f"{title}: HTTP {response.status_code} {response.reason}. {start}")

    @staticmethod
    def _expect(answer: Answer, title: str) -> None:
        if answer.status == "failure":
            raise Refused(title, answer.message)
        if answer.status != "success":
            raise BadAnswer(f"{title}: expected success, got {list(answer.lines)[:3]}")


@contextmanager
def _zipped(package: Package, entries: list[Entry]) -> Iterator[tuple[str, IO[bytes]]]:
    """The package as one archive, with the name that it is sent by."""
    if package.archive is not None:
        with package.archive.open("rb") as archive:
            yield package.archive.name, archive
        return
    with tempfile.TemporaryFile() as archive:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
            for entry in entries:
                with entry.open() as source, target.open(entry.name, "w", force_zip64=True) as out:
                    while chunk := source.read(1 << 20):
                        out.write(chunk)
        archive.seek(0)
        yield f"v8_{secrets.token_hex(4)}.zip", archive
