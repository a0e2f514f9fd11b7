"""An exchange, what it brought and what became of it.

Nothing of a session lives in a process: any web process may answer any request, and a restart
loses nothing.
"""

import uuid

from django.db import models


class Exchange(models.Model):
    """One session of 1C, from its log-in on."""

    class Status(models.TextChoices):
        OPEN = "open"
        FINISHED = "finished"
        ABANDONED = "abandoned"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    #: SHA-256 of the cookie: a copy of the database opens no session.
    cookie_hash = models.CharField(max_length=64, unique=True)
    address = models.CharField(max_length=64, blank=True)
    client = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    started = models.DateTimeField()
    last_seen = models.DateTimeField(db_index=True)
    finished = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"exchange {self.id}"


class SpoolFile(models.Model):
    """A file of an exchange under the name that 1C gave it."""

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=400)
    size = models.BigIntegerField(default=0)
    #: SHA-256 of the content; empty until somebody needs it.
    digest = models.CharField(max_length=64, blank=True)
    #: The file was imported: another upload of the name begins a new file.
    imported = models.BooleanField(default=False)
    #: Of a ZIP: its contents are in the spool.
    unpacked = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exchange", "name"], name="onec_spool_file_once"),
        ]

    def __str__(self) -> str:
        return self.name


class SpoolPart(models.Model):
    """A part of a file; the row is what makes it exist, the object in the storage comes before."""

    file = models.ForeignKey(SpoolFile, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=200)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="onec_spool_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.number}"


class ImportJob(models.Model):
    """The import of a file, or the end of an exchange: the journal's line."""

    class Kind(models.TextChoices):
        IMPORT = "import"
        FINISH = "finish"

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.IMPORT)
    file_name = models.CharField(max_length=400, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.QUEUED)
    dry_run = models.BooleanField(default=False)
    queued = models.DateTimeField()
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    #: Whoever holds the token works on the job, until the lease is over.
    token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    progress = models.PositiveIntegerField(default=0)
    #: Of the last attempt: an earlier one's work counts as unchanged there...
    seen = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    #: ...while these add up over the attempts.
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    hidden = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    #: Why it failed, in Russian, as 1C was told.
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["exchange", "kind", "file_name"], name="onec_job_of_file")]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        if self.started is None or self.finished is None:
            return None
        return (self.finished - self.started).total_seconds()


class JournalEntry(models.Model):
    """A remark or an error about an object of a file."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="entries")
    level = models.CharField(max_length=8)
    kind = models.CharField(max_length=16, blank=True)
    object_id = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=300, blank=True)
    line = models.PositiveIntegerField(default=0)
    message = models.TextField()

    def __str__(self) -> str:
        return self.message


class LoginThrottle(models.Model):
    """Failed log-ins from an address; every further one waits longer."""

    address = models.CharField(max_length=64, unique=True)
    failures = models.PositiveIntegerField(default=0)
    blocked_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.address
