"""Buyers who find their way through a provider's page without a browser."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import requests
from lxml import html

_SECONDS = 30


class PageOver(Exception):
    """There is nothing to decide on any more: the provider sends the buyer back at once."""


def pay(url: str) -> str:
    """Pay on the page at this address.

    Returns
    -------
    Where the buyer is sent then.

    Raises
    ------
    PageOver
        The payment was paid or cancelled before.
    """
    return _decide(url, "pay")


def decline(url: str) -> str:
    """Try to pay with a card that has nothing; see :func:`pay`."""
    return _decide(url, "decline")


def pay_form(confirmation: Mapping[str, Any], decision: str = "pay") -> str:
    """Send the form that a storefront was given, and pay; see :func:`pay`."""
    with requests.Session() as browser:
        page = browser.request(
            confirmation["method"],
            confirmation["url"],
            data=confirmation["fields"],
            timeout=_SECONDS,
        )
        return _answer(browser, page, decision)


def _decide(url: str, decision: str) -> str:
    with requests.Session() as browser:
        page = browser.get(url, timeout=_SECONDS, allow_redirects=False)
        if page.is_redirect:
            raise PageOver
        return _answer(browser, page, decision)


def _answer(browser: requests.Session, page: requests.Response, decision: str) -> str:
    page.raise_for_status()
    (form,) = html.fromstring(page.content).forms  # type: ignore[attr-defined]
    (button,) = form.xpath(f'.//button[@value="{decision}"]')
    sent = {**dict(form.form_values()), button.get("name"): decision}
    answer = browser.post(
        urljoin(page.url, form.action), data=sent, timeout=_SECONDS, allow_redirects=False
    )
    answer.raise_for_status()
    return answer.headers.get("Location", "")
