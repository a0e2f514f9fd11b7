"""Buyers who find their way through a provider's page without a browser."""

from urllib.parse import urljoin

import requests
from lxml import html

_SECONDS = 30


def pay(url: str) -> str:
    """Pay on the page at this address.

    Returns
    -------
    Where the buyer is sent then.
    """
    return _decide(url, "pay")


def decline(url: str) -> str:
    """Try to pay with a card that has nothing; see :func:`pay`."""
    return _decide(url, "decline")


def _decide(url: str, decision: str) -> str:
    with requests.Session() as browser:
        page = browser.get(url, timeout=_SECONDS)
        page.raise_for_status()
        (form,) = html.fromstring(page.content).forms  # type: ignore[attr-defined]
        (button,) = form.xpath(f'.//button[@value="{decision}"]')
        sent = {**dict(form.form_values()), button.get("name"): decision}
        answer = browser.post(
            urljoin(url, form.action), data=sent, timeout=_SECONDS, allow_redirects=False
        )
        answer.raise_for_status()
        return answer.headers.get("Location", "")
