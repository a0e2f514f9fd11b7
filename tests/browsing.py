"""A browser that is led from page to page."""

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.ui import WebDriverWait

_SECONDS = 60


def waiting(browser: Chrome) -> WebDriverWait[Chrome]:
    """Waits for what may be asked of a page that is just being replaced by another."""
    return WebDriverWait(browser, _SECONDS, ignored_exceptions=[WebDriverException])


def follow(browser: Chrome, element: WebElement) -> None:
    """Press what leads to another page, and wait until that page is there.

    A press is answered before the new page has come: what is looked for next would be found on the
    old one.
    """
    page = browser.find_element("tag name", "html")
    element.click()
    waiting(browser).until(staleness_of(page))
    waiting(browser).until(
        lambda _: browser.execute_script("return document.readyState") == "complete"
    )
