"""The journal of exchanges, and the state that lets one survive the death of any process."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q

from ..report import Level


class Exchange(models.Model):
    """A session of 1C: from its login until it is finished or given up."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    #: SHA-256 of the cookie: whoever reads the database can't continue the session.
    cookie_hash = models.CharField(max_length=64, unique=True)
    login = models.CharField(max_length=150)
    address = models.CharField(max_length=64)
    user_agent = models.CharField(max_length=300, default="", blank=True)
    #: The version of the exchange that 1C asked for; empty when it did not.
    schema = models.CharField(max_length=16, default="", blank=True)
    started = models.DateTimeField(db_index=True)
    last_seen = models.DateTimeField(db_index=True)
    #: The package is complete and worked off.
    finished = models.DateTimeField(null=True, blank=True)
    #: The session is over and its files are gone.
    closed = models.DateTimeField(null=True, blank=True)
    #: Bytes in the spool.
    spooled = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.public_id)


class SpoolFile(models.Model):
    """A version of a file: sent again after its import began, it begins anew."""

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=500)
    version = models.PositiveIntegerField(default=1)
    size = models.BigIntegerField(default=0)
    parts_count = models.PositiveIntegerField(default=0)
    #: SHA-256 of the whole, hex; empty until somebody asks.
    digest = models.CharField(max_length=64, default="", blank=True)
    #: No part may be added: the file is being read.
    sealed = models.BooleanField(default=False)
    #: The archive that it was unpacked from.
    archive = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE)
    #: Of an archive: everything in it is in the spool.
    unpacked = models.BooleanField(default=False)
    #: Of an archive: why it can't be unpacked.
    fault = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["exchange", "name", "version"], name="onec_spool_file_version"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SpoolPart(models.Model):
    """One object of the storage. A part without a row does not exist."""

    file = models.ForeignKey(SpoolFile, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=200)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="onec_spool_part_number"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.number}"


class ImportJob(models.Model):
    """Work that 1C waits for.

    The worker that holds the job renews ``lease_until`` with every batch, in the batch's own
    transaction and under its ``token``. A job whose lease is over is given to another worker
    under another token, so that the first one, alive after all, can commit nothing more.
    """

    class Kind(models.TextChoices):
        IMPORT = "import"
        FINISH = "finish"

    class Room(models.TextChoices):
        """Whose files they are, by the ``type`` of 1C's requests."""

        CATALOG = "catalog"
        SALE = "sale"

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    room = models.CharField(max_length=8, choices=Room.choices, default=Room.CATALOG)
    #: As 1C named it; empty for the end of a package.
    file_name = models.CharField(max_length=500, default="", blank=True)
    #: Not known while the file lies in an archive.
    file = models.ForeignKey(SpoolFile, null=True, blank=True, on_delete=models.SET_NULL)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.QUEUED)
    dry_run = models.BooleanField(default=False)
    token = models.CharField(max_length=32, default="", blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    #: Workers that have taken the job.
    attempts = models.PositiveIntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)
    #: When it was last given to the queue; empty when that failed.
    enqueued = models.DateTimeField(null=True, blank=True)
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    #: Objects that the present attempt has met.
    progress = models.PositiveIntegerField(default=0)
    #: What is being done, when it isn't the import itself.
    stage = models.CharField(max_length=300, default="", blank=True)
    #: Why it failed.
    reason = models.TextField(default="", blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["status"],
                name="onec_job_unfinished",
                condition=Q(status__in=["queued", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}".strip()

    @property
    def is_over(self) -> bool:
        return self.status in (self.Status.DONE, self.Status.FAILED)

    @property
    def duration(self) -> timedelta | None:
        """From the first worker's start to the end."""
        if self.started is None or self.finished is None:
            return None
        return self.finished - self.started


class JobCount(models.Model):
    """How many objects of a kind had an outcome in an attempt, counted within their batch."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="counts")
    attempt = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    outcome = models.CharField(max_length=16)
    n = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job", "attempt", "kind", "outcome"], name="onec_job_count"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}: {self.n}"


class JournalEntry(models.Model):
    """Something that a person should know, with the object and the line where there is one."""

    exchange = models.ForeignKey(
        Exchange, null=True, blank=True, on_delete=models.CASCADE, related_name="entries"
    )
    job = models.ForeignKey(
        ImportJob, null=True, blank=True, on_delete=models.CASCADE, related_name="entries"
    )
    level = models.CharField(max_length=8, choices=[(level.value, level.value) for level in Level])
    kind = models.CharField(max_length=16, default="", blank=True)
    object_id = models.CharField(max_length=255, default="", blank=True)
    name = models.CharField(max_length=300, default="", blank=True)
    file = models.CharField(max_length=500, default="", blank=True)
    line = models.PositiveIntegerField(default=0)
    message = models.TextField()
    #: Of the contents: a job that is run again says everything once.
    digest = models.CharField(max_length=64)
    created = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "digest"], name="onec_journal_once"),
        ]

    def __str__(self) -> str:
        return self.message


class LoginThrottle(models.Model):
    """Failed logins from an address; in the database, since every web process must know."""

    address = models.CharField(max_length=64)
    #: Empty: all further logins tried from there.
    login = models.CharField(max_length=150)
    failures = models.PositiveIntegerField(default=0)
    last_failure = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address", "login"], name="onec_login_throttle"),
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.login}"
