"""Real Saleor checkouts, each with a migrated database of this run's own.

A checkout is ``SALEOR_ROOT``, which may name several as ``PATH`` does, else ``~/saleor``.
Each needs an environment with Saleor's dependencies and pytest-django: ``SALEOR_PYTHON``, else
``.venv`` in the checkout. The database server is the system's PostgreSQL with its contrib
extensions. Migrated databases are kept as templates: Saleor's migrations take minutes, ours
seconds, so that each has a template of its own.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from saleor_1c_plugin.sandbox.postgres import system_binaries

REPOSITORY = Path(__file__).parents[2]


def skip(what: str, reason: str) -> None:
    """End well: what isn't there can't be tested."""
    print(f"SKIPPED: {what} was not run: {reason}")
    raise SystemExit(0)


def say(text: str) -> None:
    """Tell who waits; stdout is for results."""
    print(text, file=sys.stderr, flush=True)


def checkouts() -> list[Path]:
    named = os.environ.get("SALEOR_ROOT")
    if not named:
        home = Path.home() / "saleor"
        return [home] if (home / "manage.py").is_file() else []
    roots = [Path(name).expanduser().resolve() for name in named.split(os.pathsep)]
    for root in roots:
        if not (root / "manage.py").is_file():
            raise SystemExit(f"SALEOR_ROOT names {root}, no Saleor checkout: no manage.py in it")
    return roots


class Server:
    """A PostgreSQL of our own, in a folder that stays; one run at a time has it."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.folder, self.binaries = folder, binaries
        # PostgreSQL refuses to run as root.
        self.user = "postgres" if os.geteuid() == 0 else None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.binaries / program), *arguments],
            check=True,
            user=self.user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._wait_for_turn()
        if self.user:
            os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
        if not (self.folder / "data" / "PG_VERSION").exists():
            shutil.rmtree(self.folder / "data", ignore_errors=True)
            self.run("initdb", "-D", "data", "-A", "trust", "-U", "postgres", "-E", "UTF8")
        if (self.folder / "data" / "postmaster.pid").exists():
            # Of a run that was killed; a file left without its server makes this call fail.
            with suppress(subprocess.CalledProcessError):
                self.stop()
        options = (
            f"-p {self.port} -h 127.0.0.1 -k {self.folder} "
            "-c fsync=off -c synchronous_commit=off -c full_page_writes=off "
            "-c shared_buffers=512MB -c max_wal_size=4GB "
            # Of so many buyers at once each has a connection.
            "-c max_connections=500"
        )
        self.run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def _wait_for_turn(self) -> None:
        # Held until this process ends.
        self._lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another run has the database server: waiting for it")
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def stop(self) -> None:
        self.run("pg_ctl", "-D", "data", "-m", "fast", "stop")

    def sql(self, statement: str) -> str:
        answer = subprocess.run(
            [
                str(self.binaries / "psql"),
                *("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"),
                *("-d", "postgres", "-qtAc", statement),
            ],
            check=True,
            capture_output=True,
            text=True,
        )
        return answer.stdout.strip()

    def template(self, name: str, source: str, fill: Callable[[str], None]) -> str:
        """Make the database `name` as a copy of `source`, filled, unless it is there whole."""
        if name not in self.sql("SELECT datname FROM pg_database").split():
            making = f"making_{name}"
            self.sql(f"DROP DATABASE IF EXISTS {making}")
            self.sql(f"CREATE DATABASE {making} TEMPLATE {source}")
            fill(making)
            self.sql(f"ALTER DATABASE {making} RENAME TO {name}")
        return name


def environment(root: Path, server: Server, database: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(root)]),
        "DJANGO_SETTINGS_MODULE": "tests.saleor.settings",
        "DATABASE_URL": f"postgres://postgres@127.0.0.1:{server.port}/{database}",
        "SECRET_KEY": "only-for-tests",
        "ALLOWED_HOSTS": "*",
        "DEBUG": "True",
        "SEND_USAGE_TELEMETRY": "False",
        # What Saleor's environment does not have is asked of this one.
        "ONEC_TESTS_PYTHON": sys.executable,
    }


def interpreter(root: Path) -> Path:
    """The Python of the checkout's environment."""
    python = Path(os.environ.get("SALEOR_PYTHON") or root / ".venv/bin/python")
    if not python.exists():
        raise SystemExit(
            f"{root} has no environment: set SALEOR_PYTHON or make {python.parent.parent}"
        )
    return python


def version(root: Path) -> str:
    lines = (root / "pyproject.toml").read_text().splitlines()
    line = next(line for line in lines if line.startswith("version"))
    return line.partition("=")[2].strip(' "')


def migrated(root: Path, server: Server) -> str:
    """Name of a database with the migrations of this Saleor and of ours."""

    def fill(plugins: str) -> Callable[[str], None]:
        def migrate(database: str) -> None:
            values = environment(root, server, database) | {"ONEC_TEST_WITHOUT_PLUGINS": plugins}
            log = server.folder / "migrate.log"
            with log.open("w") as output:
                done = subprocess.run(
                    [str(interpreter(root)), "manage.py", "migrate", "--verbosity", "1"],
                    cwd=root,
                    env=values,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            if done.returncode:
                raise SystemExit(f"Migrating failed:\n{log.read_text()[-5000:]}")

        return migrate

    theirs = _digest([root / "saleor"])
    ours = _digest([root / "saleor", REPOSITORY / "saleor_1c_plugin"])
    say(f"Database for Saleor {version(root)} (its migrations take minutes, once)")
    base = server.template(f"saleor_{theirs}", "template0", fill("yes"))
    return server.template(f"onec_{ours}", base, fill(""))


def _digest(folders: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.glob("**/migrations/*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def in_each(what: str, run: Callable[[Path, dict[str, str]], int]) -> int:
    """Call `run` with every checkout and the environment to run in; the worst return code."""
    roots = checkouts()
    if not roots:
        skip(what, "no checkout at SALEOR_ROOT or ~/saleor")
    binaries = system_binaries()
    if binaries is None:
        print(f"{what} needs a PostgreSQL server with contrib (Debian: postgresql).")
        return 1
    # Not below the home folder: the server's user may not enter it.
    server = Server(Path(f"/var/tmp/onec-saleor-suite-{os.getuid()}"), binaries)
    server.start()
    worst = 0
    try:
        for root in roots:
            template = migrated(root, server)
            server.sql("DROP DATABASE IF EXISTS saleor_suite")
            server.sql(f"CREATE DATABASE saleor_suite TEMPLATE {template}")
            say(f"Saleor {version(root)} at {root}")
            worst = max(worst, run(root, environment(root, server, "saleor_suite")))
    finally:
        server.stop()
    return worst
