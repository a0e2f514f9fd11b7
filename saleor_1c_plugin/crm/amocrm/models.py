"""What is kept of amoCRM's that nobody types: how we are let in, and what our goods are there."""

from django.db import models


class Access(models.Model):
    """Tokens of an integration in an account. There is one row for both."""

    #: Address of the account.
    account = models.CharField(max_length=255)
    #: Id of the integration.
    client = models.CharField(max_length=64)
    #: Tells by which code we were let in: another one in the settings is exchanged anew.
    code = models.CharField(max_length=64)
    #: JSON ``{"access": …, "refresh": …}``, see :mod:`saleor_1c_plugin.sealed`.
    tokens = models.TextField()
    #: The access token works until then.
    expires = models.DateTimeField()
    #: A new one is asked for from then on.
    renew = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "client"], name="onec_crm_amo_access_once"),
        ]

    def __str__(self) -> str:
        return self.account


class Good(models.Model):
    """What a product is in a list of amoCRM's: its search does not find every name again."""

    #: Address of the account, and number of the list.
    catalog = models.CharField(max_length=300)
    #: SHA-256 of the name.
    name = models.CharField(max_length=64)
    element = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["catalog", "name"], name="onec_crm_amo_good_once"),
        ]

    def __str__(self) -> str:
        return f"{self.catalog} {self.element}"
