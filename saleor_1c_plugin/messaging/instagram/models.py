"""Tokens of Instagram users as Meta has renewed them: nobody types those."""

from django.db import models


class Token(models.Model):
    """What is used instead of a token that stands in the settings."""

    #: SHA-256 of the one in the settings, hex: another one there is another row.
    digest = models.CharField(max_length=64, unique=True)
    #: The newest one, see :mod:`saleor_1c_plugin.sealed`; empty: it was not renewed yet.
    sealed = models.TextField(blank=True)
    #: When it was renewed last, or seen first.
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"token {self.pk}"
