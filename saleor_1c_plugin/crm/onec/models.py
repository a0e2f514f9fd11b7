"""Which accounts 1C is told of, and what it has told of its counterparties last."""

from django.db import models


class Card(models.Model):
    """An account of the shop's that is to be known to 1C before it has ordered."""

    #: The shop's id.
    customer = models.CharField(max_length=64, unique=True)
    made = models.DateTimeField()
    #: Somebody has asked to be forgotten.
    erased = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"card {self.customer}"


class Seen(models.Model):
    """Up to when new accounts were looked for; one row."""

    #: Accounts made earlier are none of 1C's, unless the merchant wants them.
    began = models.DateTimeField()
    moment = models.DateTimeField()
    #: From which day on they were wanted then; another one is to be looked from anew.
    since = models.CharField(max_length=10, blank=True)
    #: It was switched off then.
    paused = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"accounts up to {self.moment}"


class Told(models.Model):
    """How a counterparty is to be reached, as 1C has told it last: only a change is news."""

    onec_id = models.CharField(max_length=255, unique=True)
    #: The shop's account that it is.
    customer = models.CharField(max_length=64, db_index=True)
    first_name = models.CharField(max_length=256, blank=True)
    last_name = models.CharField(max_length=256, blank=True)
    #: E.164.
    phone = models.CharField(max_length=32, blank=True)

    def __str__(self) -> str:
        return self.onec_id
