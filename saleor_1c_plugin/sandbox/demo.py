"""``make demo``: a shop is filled from 1C exports, over HTTP, by the client that acts as 1C.

Then somebody buys, and 1C takes the order, confirms, is paid and ships. Somebody else reserves what
is in the cart, and keeps it at its price. A customer is told by a messenger how the order is, and a
CRM has the story; both are stand-ins, with pages to look at.

Environment: ``DEMO_DATA`` names folders (separated as in ``PATH``) instead of the samples,
``DEMO_ONCE`` ends it after printing, ``DEMO_PORT`` sets the web server's port.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from ..onec.__main__ import Printer
from ..onec.books import Books
from ..onec.client import Client
from ..onec.package import open_package
from . import demo_crm, demo_orders, demo_receipts, demo_reservations
from .__main__ import describe
from .runner import Sandbox, serve
from .settings import TIME_ZONE
from .valkey import free_port

_ROOT = Path(__file__).parents[2]
_SAMPLES = [
    _ROOT / "sample_config" / "demo",
    _ROOT.parent / "shared" / "data" / "commerceml" / "off-doc-1c",
    _ROOT.parent / "shared" / "data" / "commerceml" / "bitrix-module-6",
]


def exports() -> list[Path]:
    """Folders to send: those that are named, else the samples that are there."""
    named = os.environ.get("DEMO_DATA", "")
    if named:
        return [Path(part) for part in named.split(os.pathsep) if part]
    return [folder for folder in _SAMPLES if folder.is_dir()]


def send(url: str, login: str, password: str, folders: Sequence[Path]) -> None:
    """Send every export as 1C does, printing the server's answers."""
    for folder in folders:
        print(f"\n== 1C sends {folder.name}", flush=True)
        Client(url, login, password, listener=Printer()).upload(open_package([folder]))


def stays() -> bool:
    """Whether to serve until Ctrl-C: only where somebody is there to press it."""
    return not os.environ.get("DEMO_ONCE") and sys.stdin.isatty()


def environment(folder: Path, plugins: Mapping[str, dict[str, object]]) -> dict[str, str]:
    """Variables that name settings of plugins, unless somebody has named others.

    Parameters
    ----------
    folder
        Where they are written.
    """
    if os.environ.get("ONEC_CONFIGURATION_FILE"):
        return {}
    folder.mkdir(exist_ok=True)
    file = folder.absolute() / "plugins.json"
    file.write_text(json.dumps(plugins, ensure_ascii=False), encoding="utf-8")
    return {"ONEC_CONFIGURATION_FILE": str(file)}


def main() -> int:
    """Run the demo; returns the exit code."""
    folders = exports()
    if not folders:
        print("No exports to send: set DEMO_DATA to a folder of 1C's.", file=sys.stderr)
        return 2
    if os.environ.get("SALEOR_ROOT"):
        from .demo_saleor import run

        return run(Path(os.environ["SALEOR_ROOT"]), folders)
    print("Starting the mini-shop: PostgreSQL, Valkey, web server, worker …", flush=True)
    with demo_crm.services() as services:
        return _demonstrate(folders, services)


def _demonstrate(folders: Sequence[Path], services: demo_crm.Services) -> int:
    folder = Path(".sandbox")
    port = int(os.environ.get("DEMO_PORT", "0")) or free_port()
    shop = f"http://127.0.0.1:{port}/"
    plugins = {**demo_receipts.SETTINGS, **services.settings(shop)}
    variables = {**environment(folder, plugins), **services.environment}
    with Sandbox(folder, port=port, environment=variables) as sandbox:
        services.connect(sandbox.url)
        send(sandbox.exchange_url, sandbox.login, sandbox.password, folders)
        print("\n== The same once more: only what changed is written, and nothing has")
        send(sandbox.exchange_url, sandbox.login, sandbox.password, folders)
        visitor = demo_orders.Visitor(sandbox.url)
        order = demo_orders.show(visitor, sandbox.exchange_url, sandbox.login, sandbox.password)
        demo_reservations.show(
            demo_orders.Visitor(sandbox.url),
            demo_orders.Visitor(sandbox.url),
            partial(send, sandbox.exchange_url, sandbox.login, sandbox.password),
            folders,
        )
        receipt = demo_receipts.show(
            demo_orders.Visitor(sandbox.url),
            partial(demo_orders.client, sandbox.exchange_url, sandbox.login, sandbox.password),
            Books(zone=ZoneInfo(TIME_ZONE)),
        )
        deal = demo_crm.show(demo_orders.Visitor(sandbox.url), services)
        print()
        describe(sandbox)
        print(f"Order:     {order}")
        print(f"Receipt:   {receipt}")
        print(f"Deal:      {deal}")
        print(f"Telegram:  {services.telegram.address}/", flush=True)
        if stays():
            serve(sandbox.children())
    return 0


if __name__ == "__main__":
    sys.exit(main())
