"""What a host allows an exchange to take: environment variables ``ONEC_*``, with safe defaults."""

import os
from dataclasses import dataclass, fields

_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Each field is set by the variable ``ONEC_`` + its name in capitals, as a whole number."""

    #: Everything that one exchange may upload or unpack.
    max_package_mb: int = 4096
    #: One file, joined from its parts or unpacked.
    max_file_mb: int = 2048
    #: Everything in one archive, unpacked.
    max_unpacked_mb: int = 8192
    max_archive_entries: int = 200_000
    #: Unpacked bytes to a byte of the archive; XML is rarely above 60.
    max_unpack_ratio: int = 300
    #: A session of 1C, from login on.
    session_hours: int = 24
    #: After this silence an exchange is taken for abandoned.
    idle_seconds: int = 3600
    #: After this silence of 1C's its unfinished jobs give way to those of a newer exchange.
    left_seconds: int = 60
    #: How long the files of a finished exchange are kept.
    keep_files_hours: int = 24
    #: How long the journal is kept.
    journal_days: int = 90
    #: A worker that has not been heard of for so long is taken for dead.
    lease_seconds: int = 60
    #: A job that no worker has taken for so long is offered again.
    queue_seconds: int = 30
    #: How many workers may die on a job before it is given up.
    max_attempts: int = 100
    #: Entries of one level that a job may write into the journal.
    journal_entries: int = 1000
    #: How many reverse proxies in front of the site add themselves to ``X-Forwarded-For``.
    proxies: int = 0

    @property
    def max_package(self) -> int:
        return self.max_package_mb * _MB

    @property
    def max_file(self) -> int:
        return self.max_file_mb * _MB

    @property
    def max_unpacked(self) -> int:
        return self.max_unpacked_mb * _MB

    @classmethod
    def load(cls) -> "Limits":
        """Limits of this host.

        Raises
        ------
        ValueError
            A variable holds no whole number, or a negative one.
        """
        values: dict[str, int] = {}
        for item in fields(cls):
            variable = f"ONEC_{item.name.upper()}"
            text = os.environ.get(variable, "")
            if not text:
                continue
            if not text.isascii() or not text.isdigit():
                raise ValueError(f"{variable} must be a whole number")
            values[item.name] = int(text)
        return cls(**values)
