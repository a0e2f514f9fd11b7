"""Command line: act as 1C does with an export (``upload``) or with orders (``orders``).

``inspect`` tells what a package contains.
"""

import argparse
import json
import os
import secrets
import sys
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import asdict, fields
from getpass import getpass
from pathlib import Path

from ..commerceml.errors import CommerceMLError
from ..commerceml.inspect import Summary, inspect
from .answers import Answer
from .books import Books
from .client import VERSION, Client
from .errors import BadPackage, ExchangeError
from .package import open_package
from .sale import described, fetch_orders, send_orders

_EPILOG = "The password comes from --password-file, ONEC_PASSWORD, --password, or is asked for."


class Printer:
    """Writes each request and answer; a repeated one stays on its line of a terminal."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._last = ""

    def __call__(self, request: str, answer: Answer | None) -> None:
        if self._quiet or answer is None:
            return
        line = f"{request}: {' | '.join(_shown(request, answer))}"
        if line == self._last:
            return
        self._last = line
        print(line, flush=True)


def _shown(request: str, answer: Answer) -> list[str]:
    """The lines of an answer, without the session's secret: people paste them elsewhere."""
    if request == "checkauth" and len(answer.lines) > 2:
        return [*answer.lines[:2], "***"]
    return [line for line in answer.lines if not line.lower().startswith("sessid=")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code: 0 done, 1 the exchange failed, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
        return code
    except (ExchangeError, CommerceMLError) as error:
        print(f"failed: {error}", file=sys.stderr)
    except (zipfile.BadZipFile, zlib.error) as error:
        print(f"failed: the archive is damaged: {error}", file=sys.stderr)
    except BrokenPipeError:
        # Whoever read us (``head``) has seen enough; nor may the interpreter's exit complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"failed: {error}", file=sys.stderr)
    return 1


def _upload(options: argparse.Namespace) -> int:
    package = open_package(options.paths)
    skipped = package.catalog() if options.orders else package.documents()
    for entry in skipped:
        print(f"skipped: {entry.name} goes by the other kind of exchange")
    imported = _client(options, sale=options.orders).upload(
        package,
        zipped={"auto": None, "yes": True, "no": False}[options.zip],
        deactivate=options.deactivate,
        complete=not (options.no_complete or options.orders),
    )
    print(f"done: {len(imported)} file(s) imported")
    return 0


def _orders(options: argparse.Namespace) -> int:
    client, books = _client(options, sale=True), Books(options.save)
    came = fetch_orders(client, books)
    for order_id in came:
        print(f"order {described(books[order_id])}")
        if options.confirm_all or options.ship:
            books.post(order_id)
        if options.pay:
            books.pay(order_id)
        if options.ship:
            books.ship(order_id, f"RA{secrets.randbelow(10**9):09}RU")
    if came and (options.confirm_all or options.pay or options.ship):
        send_orders(client, books, came)
    print(f"done: {len(came)} order(s)")
    return 0


def _client(options: argparse.Namespace, *, sale: bool) -> Client:
    return Client(
        options.url,
        options.login,
        _password(options),
        kind="sale" if sale else "catalog",
        version=options.version,
        encoding=None if options.encoding == "auto" else options.encoding,
        listener=Printer(options.quiet),
        timeout=options.timeout,
    )


def _inspect(options: argparse.Namespace) -> int:
    total = Summary()
    schemas: dict[str, None] = {}
    package = open_package(options.paths)
    # A file that is named is looked into, whatever its name.
    named = [entry for entry in package.entries if not entry.is_xml and entry.path in options.paths]
    entries = [*package.catalog(), *package.documents(), *(e for e in named if not e.member)]
    if not entries:
        raise BadPackage(f"{', '.join(map(str, options.paths))}: no XML files")
    for entry in entries:
        with entry.open() as source:
            try:
                summary = inspect(source)
            except CommerceMLError as error:
                raise ExchangeError(f"{entry.name}: {error}") from error
        for field in fields(Summary):
            if field.name != "schema":
                value = getattr(total, field.name) + getattr(summary, field.name)
                setattr(total, field.name, value)
        if summary.schema:
            schemas[summary.schema] = None
    total.schema = ", ".join(schemas)
    values = asdict(total)
    if options.json:
        print(json.dumps(values, ensure_ascii=False))
    else:
        for name, value in values.items():
            print(f"{name:<10} {value}")
    return 0


def _password(options: argparse.Namespace) -> str:
    if options.password_file:
        return str(options.password_file.read_text(encoding="utf-8").rstrip("\r\n"))
    given = options.password or os.environ.get("ONEC_PASSWORD")
    return given if given is not None else getpass("Password: ")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="onec-client", description="Act as 1C against a site.", epilog=_EPILOG
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    upload = commands.add_parser("upload", help="send an export in 1C's own order", epilog=_EPILOG)
    upload.set_defaults(run=_upload)
    _add_site(upload)
    upload.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a folder, a ZIP, or XML files"
    )
    upload.add_argument(
        "--zip", choices=["auto", "yes", "no"], default="auto", help="auto: as the server likes"
    )
    upload.add_argument("--orders", action="store_true", help="send the documents, not the goods")
    upload.add_argument(
        "--deactivate", action="store_true", help="say that the export was full (mode=deactivate)"
    )
    upload.add_argument("--no-complete", action="store_true", help="leave mode=complete out")
    orders = commands.add_parser(
        "orders", help="fetch new orders, and do with them what 1C does", epilog=_EPILOG
    )
    orders.set_defaults(run=_orders)
    _add_site(orders)
    orders.add_argument("--confirm-all", action="store_true", help="post them, with 1C's numbers")
    orders.add_argument("--pay", action="store_true", help="receive what is owed for them")
    orders.add_argument("--ship", action="store_true", help="ship them, with tracking numbers")
    orders.add_argument(
        "--save", type=Path, metavar="DIR", help="folder for the packages and 1C's numbers"
    )
    look = commands.add_parser("inspect", help="count what a package contains")
    look.set_defaults(run=_inspect)
    look.add_argument("paths", nargs="+", type=Path, metavar="FILE")
    look.add_argument("--json", action="store_true", help="one JSON object")
    return parser


def _add_site(parser: argparse.ArgumentParser) -> None:
    """Add what every exchange needs to know of its site."""
    parser.add_argument("url", help="the address that 1C's site settings would hold")
    parser.add_argument("--login", required=True)
    parser.add_argument("--password", help="seen by other users of this machine")
    parser.add_argument("--password-file", type=Path, help="file whose text is the password")
    parser.add_argument(
        "--encoding",
        choices=["auto", "utf-8", "windows-1251"],
        default="auto",
        help="of the answers and of file names in addresses",
    )
    parser.add_argument(
        "--version",
        default=VERSION,
        help="of the exchange; empty: none is named, as by an older 1C",
    )
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one request")
    parser.add_argument("--quiet", action="store_true", help="print the outcome only")


if __name__ == "__main__":
    sys.exit(main())
