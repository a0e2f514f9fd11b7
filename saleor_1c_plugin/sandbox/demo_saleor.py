"""``SALEOR_ROOT=… make demo``: the same demo on that Saleor, in a database of its own.

The checkout needs an environment with Saleor's dependencies (``SALEOR_PYTHON``, else its
``.venv``). Saleor's migrations want extensions that only a full PostgreSQL brings: the system's
serves here. The database is kept, for the first migration takes minutes.
"""

import hashlib
import os
import secrets
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from . import demo_orders, demo_reservations
from .children import Child
from .demo import send, stays
from .graphql import Saleor
from .postgres import Postgres, system_binaries
from .runner import LOGIN, serve
from .saleor_processes import saleor_processes
from .settings import ONEC_CONFIGURATION, ONEC_SANDBOX_CHANNELS, ONEC_SANDBOX_WAREHOUSES
from .storefront import Visitor
from .valkey import Valkey, free_port

_REPOSITORY = Path(__file__).parents[2]
_EMAIL = "demo@example.com"
_SHOWN = 15
#: A new Saleor has a channel of its own, in dollars, that wears the mini-shop's name for roubles.
_SLUGS = {"default-channel": "onec-rub", "usd": "onec-usd"}
_CHANNELS = [(_SLUGS[slug], currency) for slug, currency in ONEC_SANDBOX_CHANNELS]


class Missing(Exception):
    """Something that the demo needs isn't there; the text says what and how to get it."""


def run(root: Path, folders: Sequence[Path]) -> int:
    """Run the demo on the Saleor at `root`; returns the exit code."""
    try:
        python, binaries = _python(root), _postgres_binaries()
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 2
    name = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:8]
    folder = Path(".sandbox").absolute() / f"saleor-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    with Postgres(folder, binaries=binaries, system_user="postgres", durable=False) as postgres:
        postgres.create_database("saleor")
        broker = Valkey(folder)
        try:
            broker.wait()
            return _with_services(root, python, folder, postgres, broker, folders)
        finally:
            broker.stop()


def _with_services(
    root: Path,
    python: Path,
    folder: Path,
    postgres: Postgres,
    broker: Valkey,
    folders: Sequence[Path],
) -> int:
    port, password = free_port(), secrets.token_urlsafe(12)
    environment = {
        "DJANGO_SETTINGS_MODULE": "saleor_1c_plugin.store.saleor.demo_settings",
        "PYTHONPATH": os.pathsep.join([str(_REPOSITORY), str(root.resolve())]),
        "DATABASE_URL": postgres.url("saleor"),
        "CELERY_BROKER_URL": broker.url,
        "CACHE_URL": broker.url,
        "SECRET_KEY": secrets.token_urlsafe(32),
        "PUBLIC_URL": f"http://127.0.0.1:{port}/",
        "ALLOWED_HOSTS": "127.0.0.1",
        "ALLOWED_CLIENT_HOSTS": "127.0.0.1",
        # Without it Saleor asks for keys of a production site, and serves no pictures.
        "DEBUG": "True",
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SUPERUSER_PASSWORD": password,
        "ONEC_MEDIA_ROOT": str(folder / "media"),
        "ONEC_SPOOL_DIR": str(folder / "spool"),
    }

    def finish(name: str, *arguments: str) -> None:
        process = Child(name, [str(python), *arguments], environment, folder, cwd=root)
        if process.wait(1800):
            process.check()

    print(f"Saleor at {root}: migrating its database (minutes, the first time) …", flush=True)
    finish("migrate", "manage.py", "migrate", "--verbosity", "1")
    # A new one each time: its password is printed and lives as long as the demo.
    email = f"{secrets.token_hex(4)}.{_EMAIL}"
    finish("superuser", "manage.py", "createsuperuser", "--noinput", "--email", email)
    print("Starting Saleor and its worker …", flush=True)
    with saleor_processes(python, root, folder, environment, port) as children:
        return _demonstrate(f"http://127.0.0.1:{port}", email, password, folders, children)


def _demonstrate(
    base: str, email: str, password: str, folders: Sequence[Path], children: Sequence[Child]
) -> int:
    saleor = Saleor(f"{base}/graphql/")
    saleor.log_in(email, password)
    catalog = {name: str(value) for name, value in ONEC_CONFIGURATION["catalog"].items()}
    for slug, ours in _SLUGS.items():
        catalog["price_types"] = catalog["price_types"].replace(f"= {slug}", f"= {ours}")
    saleor.prepare(
        _CHANNELS,
        ONEC_SANDBOX_WAREHOUSES,
        {
            "saleor1c.catalog": catalog,
            "saleor1c.exchange": {"login": LOGIN, "password": password},
            "saleor1c.orders": {},
            "saleor1c.outbox": {},
        },
        {"saleor1c.reservations": {}},
    )
    address = f"{base}/plugins/saleor1c.exchange/"
    send(address, LOGIN, password, folders)
    print("\n== The same once more: only what changed is written, and nothing has")
    send(address, LOGIN, password, folders)
    storefront, channel = Saleor(f"{base}/graphql/"), _CHANNELS[0][0]
    goods = storefront.goods(channel)
    print(f"\nThe storefront's GraphQL shows {len(goods)} products, for example:")
    for product in [*(item for item in goods if item["pricing"])][:_SHOWN]:
        start = product["pricing"]["priceRange"]["start"]["gross"]
        stock = sum(variant["quantityAvailable"] or 0 for variant in product["variants"])
        print(
            f"  {product['name'][:48]:<48} {start['amount']:>10.2f} {start['currency']}"
            f"  stock {stock:>4}  variants {len(product['variants'])}"
            f"  pictures {len(product['media'])}"
        )
    reservations = Saleor(f"{base}/plugins/saleor1c.reservations/graphql/")
    anna, boris = (Visitor(storefront, channel, reservations) for _ in range(2))
    order = demo_orders.show(anna, address, LOGIN, password)
    demo_reservations.show(anna, boris, partial(send, address, LOGIN, password), folders)
    print(f"\nOrder:     {order}")
    print(f"GraphQL:   {base}/graphql/")
    print(f"For 1C:    {address}")
    print(f"Login:     {LOGIN}")
    print(f"Staff:     {email}")
    print(f"Password:  {password} (of both)", flush=True)
    if stays():
        serve(children)
    return 0 if goods else 1


def _python(root: Path) -> Path:
    if not (root / "manage.py").is_file():
        raise Missing(f"{root} is no Saleor checkout: there is no manage.py")
    python = Path(os.environ.get("SALEOR_PYTHON") or root / ".venv" / "bin" / "python")
    if not python.exists():
        raise Missing(
            f"{python} isn't there: make an environment with Saleor's dependencies in "
            f"{root}/.venv, or set SALEOR_PYTHON to its interpreter."
        )
    return python.absolute()


def _postgres_binaries() -> Path:
    found = system_binaries()
    if found is None:
        raise Missing("Saleor needs a PostgreSQL server with contrib (Debian: postgresql).")
    return found
