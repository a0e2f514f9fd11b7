"""What belongs to the host and not to the merchant: taken from the environment."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    return int(text) if text.isdigit() else default


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of an exchange, in bytes and seconds where not said otherwise."""

    package_bytes: int = 8 << 30
    file_name: int = 400
    zip_entries: int = 200_000
    #: Unpacked bytes for each packed one; XML of 1C packs at most some 40 times.
    zip_ratio: int = 200
    session_seconds: int = 24 * 3600
    lease_seconds: int = 60
    #: A job that no worker took by then is put into the queue again.
    pickup_seconds: int = 30
    attempts: int = 100
    keep_files_seconds: int = 6 * 3600
    keep_journal_days: int = 90
    entries_per_job: int = 1000
    #: How long a request may wait for a job before it answers ``progress``.
    wait_seconds: float = 1.0


def limits() -> Limits:
    """The limits of this host."""
    default = Limits()
    return Limits(
        package_bytes=_number("ONEC_PACKAGE_MB", default.package_bytes >> 20) << 20,
        zip_ratio=_number("ONEC_ZIP_RATIO", default.zip_ratio),
        session_seconds=_number("ONEC_SESSION_SECONDS", default.session_seconds),
        lease_seconds=_number("ONEC_LEASE_SECONDS", default.lease_seconds),
        pickup_seconds=_number("ONEC_PICKUP_SECONDS", default.pickup_seconds),
        keep_files_seconds=_number("ONEC_KEEP_FILES_SECONDS", default.keep_files_seconds),
        keep_journal_days=_number("ONEC_KEEP_JOURNAL_DAYS", default.keep_journal_days),
    )


def spool_folder() -> Path:
    """Local folder of the spool; never below a folder that a web server publishes."""
    named = os.environ.get("ONEC_SPOOL_DIR", "")
    return Path(named) if named else Path(tempfile.gettempdir()) / f"onec-spool-{os.getuid()}"
