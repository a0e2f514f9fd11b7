"""A mail server on loopback: as much of SMTP (RFC 5321) as a store's letters need, with faults."""

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        #: (recipient, letter), as they were taken.
        self.taken: list[tuple[str, EmailMessage]] = []
        #: What the next command of a name is answered with; empty: the connection breaks off.
        self.answers: dict[str, str] = {}
        #: A letter is taken, and the connection breaks off before that is said.
        self.is_cut_after_data = False
        #: How long it thinks after it has taken a letter, and before it says so.
        self.seconds = 0.0

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed breaks off in the middle of a word."""

    @property
    def port(self) -> int:
        return cast(int, self.server_address[1])


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 loopback ready")
        to: list[str] = []
        while line := self.rfile.readline().decode().strip():
            name = line.split(":")[0].split()[0].upper()
            if name in self.server.answers:
                planned = self.server.answers.pop(name)
                if not planned:
                    return
                self._say(planned)
            elif name == "RCPT":
                to.append(line.partition("<")[2].partition(">")[0])
                self._say("250 fine")
            elif name == "DATA":
                self._say("354 go on")
                letter = message_from_bytes(self._body(), policy=policy.default)
                self.server.taken += [(one, cast(EmailMessage, letter)) for one in to]
                if self.server.is_cut_after_data:
                    return
                time.sleep(self.server.seconds)
                self._say("250 taken")
            elif name == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _body(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
