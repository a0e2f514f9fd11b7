"""The numbers under which WebMoney knows our attempts."""

from django.db import models

from ..models import Attempt


class Number(models.Model):
    """One attempt's number: WebMoney takes no other name of a payment."""

    number = models.PositiveIntegerField(primary_key=True)
    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="+")
    #: What was paid in test mode, by a signed result: no interface of WebMoney's tells of that.
    tested = models.DecimalField(max_digits=15, decimal_places=3, null=True)

    def __str__(self) -> str:
        return f"{self.number}"
