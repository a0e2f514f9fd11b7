"""Run this suite inside real Saleor checkouts: ``python -m tests.saleor [pytest's arguments]``.

A checkout is ``SALEOR_ROOT``, else ``~/saleor``; ``~/saleor-3.*`` beside it are further versions.
Each needs an environment with Saleor's dependencies and pytest-django: ``SALEOR_PYTHON``, else
``.venv`` in the checkout. The database server is the system's PostgreSQL with its contrib
extensions. The migrated database is kept as a template: Saleor's migrations take minutes.
"""

import hashlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def skip(reason: str) -> None:
    """End well: what isn't there can't be tested."""
    print(f"SKIPPED: the Saleor suite was not run: {reason}")
    raise SystemExit(0)


def checkouts() -> list[Path]:
    named = os.environ.get("SALEOR_ROOT")
    if named:
        return [Path(named).expanduser().resolve()]
    home = Path.home()
    found = [home / "saleor", *sorted(home.glob("saleor-3.*"))]
    return [path for path in found if (path / "manage.py").is_file()]


def postgres_bin() -> Path | None:
    """Folder of a PostgreSQL server that has the contrib extensions."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        share = Path("/usr/share/postgresql") / folder.parent.name / "extension"
        if (folder / "initdb").exists() and (share / "pg_stat_statements.control").exists():
            return folder
    return None


class Server:
    """A PostgreSQL of our own, in a folder that stays."""

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
            "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        )
        self.run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

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
    }


def migrated(root: Path, python: Path, server: Server) -> str:
    """Name of a database with the migrations of this Saleor and of ours."""
    digest = hashlib.sha256()
    for folder in (root / "saleor", REPOSITORY / "saleor_1c_plugin"):
        for path in sorted(folder.glob("**/migrations/*.py")):
            digest.update(path.read_bytes())
    name = f"template_{digest.hexdigest()[:16]}"
    if name not in server.sql("SELECT datname FROM pg_database").split():
        print(f"Migrating a database for {root} (minutes, once)", flush=True)
        making = f"making_{name}"
        server.sql(f"DROP DATABASE IF EXISTS {making}")
        server.sql(f"CREATE DATABASE {making}")
        subprocess.run(
            [str(python), "manage.py", "migrate", "--verbosity", "0"],
            check=True,
            cwd=root,
            env=environment(root, server, making),
        )
        server.sql(f"ALTER DATABASE {making} RENAME TO {name}")
    return name


def run_in(root: Path, server: Server, arguments: list[str]) -> int:
    python = Path(os.environ.get("SALEOR_PYTHON") or root / ".venv/bin/python")
    if not python.exists():
        print(f"{root} has no environment: set SALEOR_PYTHON or make {python.parent.parent}")
        return 1
    template = migrated(root, python, server)
    server.sql("DROP DATABASE IF EXISTS saleor_suite")
    server.sql(f"CREATE DATABASE saleor_suite TEMPLATE {template}")
    version = next(
        line for line in (root / "pyproject.toml").read_text().splitlines() if "version" in line
    )
    print(f"Saleor at {root}, {version}", flush=True)
    command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", "-q"]
    command += ["--ds=tests.saleor.settings", "--confcutdir=tests/saleor", "tests/saleor"]
    return subprocess.run(
        [*command, *arguments], cwd=REPOSITORY, env=environment(root, server, "saleor_suite")
    ).returncode


def main() -> int:
    roots = checkouts()
    if not roots:
        skip("no checkout at SALEOR_ROOT or ~/saleor")
    binaries = postgres_bin()
    if binaries is None:
        print("The Saleor suite needs a PostgreSQL server with contrib (Debian: postgresql).")
        return 1
    # Not below the home folder: the server's user may not enter it.
    server = Server(Path(f"/var/tmp/saleor-1c-plugin-{os.getuid()}"), binaries)
    server.start()
    try:
        return max(run_in(root, server, sys.argv[1:]) for root in roots)
    finally:
        server.stop()


if __name__ == "__main__":
    raise SystemExit(main())
