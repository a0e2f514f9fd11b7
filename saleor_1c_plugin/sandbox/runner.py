"""Runs the whole mini-shop: database, broker, web server and worker."""

import os
import secrets
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from .children import Child
from .postgres import Postgres
from .valkey import Valkey, free_port

LOGIN = "1c"
_DATABASE = "onec"
_APPLICATION = "saleor_1c_plugin.sandbox"


class Sandbox:
    """A running mini-shop.

    Parameters
    ----------
    folder
        Keeps the database, pictures, spool and logs from run to run.
    port
        Of the web server; 0 takes a free one.
    password
        That 1C logs in with; a new one when not given.
    environment
        More variables for the web server and the worker.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        password: str = "",
        durable: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.port = port or free_port()
        self.login = LOGIN
        self.password = password or secrets.token_urlsafe(12)
        self.postgres = Postgres(self.folder, durable=durable)
        self._extra = dict(environment or {})
        self._stops: list[Callable[[], None]] = []
        self.web: Child | None = None
        self.worker: Child | None = None

    @property
    def url(self) -> str:
        """Address of the shop's page."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def exchange_url(self) -> str:
        """Address to type into 1C."""
        return f"{self.url}1c/"

    @property
    def journal_url(self) -> str:
        return f"{self.url}journal/"

    def environment(self) -> dict[str, str]:
        """Variables under which any process of this shop runs."""
        return self._environment

    def start(self) -> None:
        """Start everything; returns when the page answers."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._stops.append(self.postgres.stop)
        self.postgres.start()
        self.postgres.create_database(_DATABASE)
        broker = Valkey(self.folder)
        self._stops.append(broker.stop)
        broker.wait()
        self._environment = {
            "DJANGO_SETTINGS_MODULE": f"{_APPLICATION}.settings",
            "PYTHONUNBUFFERED": "1",
            "ONEC_SANDBOX_DATA": str(self.folder),
            "ONEC_SECRET_KEY": self._secret_key(),
            "ONEC_LOGIN": self.login,
            "ONEC_PASSWORD": self.password,
            "ONEC_REDIS_URL": broker.url,
            "ONEC_SPOOL_DIR": str(self.folder / "spool"),
            **self.postgres.environment(_DATABASE),
            **self._extra,
        }
        migrate = self._child("migrate", "-m", "django", "migrate", "--verbosity", "1")
        if migrate.wait(300):
            migrate.check()
        self.start_worker()
        self.start_web()

    def start_web(self) -> None:
        """Start the web server and wait for it."""
        self.web = self._child(
            "web",
            *("-m", "uvicorn", f"{_APPLICATION}.asgi:application"),
            *("--host", "127.0.0.1", "--port", str(self.port), "--lifespan", "off"),
        )
        self._stops.append(self.web.stop)
        wait_for(self.url, self.web)

    def start_worker(self) -> None:
        """Start a Celery worker."""
        self.worker = self._child(
            "worker",
            *("-m", "celery", "-A", f"{_APPLICATION}.celery:app", "worker"),
            # Two, so that two exchanges at once are really at once.
            *("--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "INFO"),
        )
        self._stops.append(self.worker.stop)

    def children(self) -> list[Child]:
        """The web server and the worker, as far as they were started."""
        return [child for child in (self.web, self.worker) if child is not None]

    def stop(self) -> None:
        """Stop everything, the last started first."""
        while self._stops:
            self._stops.pop()()

    def __enter__(self) -> "Sandbox":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _child(self, name: str, *arguments: str) -> Child:
        return Child(name, [sys.executable, *arguments], self._environment, self.folder)

    def _secret_key(self) -> str:
        path = self.folder / "secret-key"
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text()


def serve(children: Sequence[Child]) -> None:
    """Stay until SIGINT or SIGTERM, or until one of the processes ends."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    print("Ctrl-C stops it.", flush=True)
    while not told.wait(1):
        for child in children:
            child.check()


def wait_for(url: str, child: Child, timeout: float = 60) -> None:
    """Wait until `child` answers at `url`."""
    deadline = time.monotonic() + timeout
    # No proxy stands between this machine and itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        child.check()
        try:
            opener.open(url, timeout=10).close()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{url}: HTTP {error.code}\n{child.tail()}") from error
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
