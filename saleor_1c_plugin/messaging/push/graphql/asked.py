"""What a request is about: who asks."""

from functools import cached_property

from django.http import HttpRequest

from ....store import current_carts


class Asked:
    """The context of a query.

    Parameters
    ----------
    request
        The one that is answered.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def customer_id(self) -> str:
        """Id of the account; empty: nobody has signed in."""
        return current_carts().buyer_of(self._request)
