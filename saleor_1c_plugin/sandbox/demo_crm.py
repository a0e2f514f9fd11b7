"""The customers' part of the demo: a messenger tells the buyer, and a CRM has the whole story.

Both are stand-ins: they run in this process, and have pages to look at.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ..messaging.telegram.settings import TelegramSettings
from ..messaging.telegram.updates import KINDS
from .demo_orders import Visitor, print_facts
from .standins import bitrix24_pages
from .standins.bitrix24 import Bitrix24
from .standins.telegram import Telegram

_TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"  # noqa: S105
_BOT = "demo_shop_bot"
#: Telegram calls no address without TLS: the stand-in knows where this one really is.
_HOST = "shop.example"
_ADDRESS = f"https://{_HOST}/bots/telegram/"
_EMAIL = "anna@example.com"
#: Stage of what is paid, and how much the timeline tells by then: the order, the payment, that
#: everything is paid, and the messages about that.
_PAID, _NOTES = "EXECUTING", 5
_SECONDS = 60


class NoNews(Exception):
    """Something was not told in time."""


@dataclass(frozen=True)
class Services:
    """Whom the shop talks to."""

    telegram: Telegram
    portal: Bitrix24

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables of the shop's processes."""
        return {"ONEC_TELEGRAM_API": self.telegram.address}

    def settings(self, shop: str) -> Mapping[str, dict[str, object]]:
        """Of the plugins.

        Parameters
        ----------
        shop
            Address of the shop's page.
        """
        return {
            "history": {},
            "messages": {
                # A demo may be shown at night.
                "place": shop,
                "shop": "Мини-магазин",
                "quiet": "no",
                "rules": "order.placed = telegram\norder.paid = telegram",
            },
            "telegram": {"token": _TOKEN, "username": _BOT, "webhook_url": _ADDRESS},
            "crm": {},
            "bitrix24": {"webhook": self.portal.webhook},
        }

    def connect(self, shop: str) -> None:
        """Have Telegram know the shop, as saving the bot's settings in a dashboard does."""
        self.telegram.hosts = {_HOST: shop.rstrip("/")}
        self.telegram.webhook = {
            "url": _ADDRESS,
            "secret_token": TelegramSettings(_TOKEN).secret,
            "allowed_updates": list(KINDS),
        }


@contextmanager
def services() -> Iterator[Services]:
    """Start the stand-ins."""
    with Telegram(_TOKEN, _BOT) as telegram, Bitrix24() as portal:
        yield Services(telegram, portal)


def show(buyer: Visitor, services: Services) -> str:
    """Print what a buyer's messenger and the CRM are told; returns the address of the deal."""
    print("\n== A customer signs in, and opens the shop's bot in Telegram by a link", flush=True)
    buyer.sign_in(_EMAIL)
    anna = services.telegram.person()
    services.telegram.start(anna, buyer.bot_link("telegram"))
    _wait("what the bot answers", lambda: anna.texts)
    _print_chat(anna.texts)
    print("\n== The customer orders and pays: Telegram tells that it was seen", flush=True)
    before = len(anna.texts)
    order = buyer.buy()
    _wait("a message of the order", lambda: len(anna.texts) > before)
    buyer.pay(order)
    _wait("a message of the payment", lambda: len(anna.texts) > before + 1)
    _print_chat(anna.texts[before:])
    print("\n== The CRM has the customer, the deal, its goods and what has happened", flush=True)
    key = order.rstrip("/").rpartition("/")[2]
    deal = _wait("the deal of the paid order", lambda: _deal(services.portal, key))
    print_facts(_told(services.portal, deal))
    return services.portal.address + bitrix24_pages.address("deal", deal)


def _wait[Found](what: str, look: Callable[[], Found]) -> Found:
    """What is there in the end."""
    deadline = time.monotonic() + _SECONDS
    while not (found := look()):
        if time.monotonic() > deadline:
            raise NoNews(f"{what} has not come after {_SECONDS} s")
        time.sleep(0.2)
    return found


def _print_chat(texts: Sequence[str]) -> None:
    for text in texts:
        print(f"  {_BOT}: {text.replace('\n', '\n    ')}", flush=True)


def _deal(portal: Bitrix24, order: str) -> int:
    """Id of an order's deal, once all of the story is there; 0: it is not."""
    for record, row in list(portal.rows["deal"].items()):
        if row.get("ORIGIN_ID") == order:
            is_paid = row["STAGE_ID"] == _PAID
            return record if is_paid and len(portal.comments("deal", record)) >= _NOTES else 0
    return 0


def _told(portal: Bitrix24, record: int) -> dict[str, str]:
    deal = portal.rows["deal"][record]
    contact = portal.rows["contact"][int(deal["CONTACT_ID"])]
    goods = (f"{row['PRODUCT_NAME']} × {row['QUANTITY']}" for row in portal.products[record])
    notes = (text.splitlines()[0] for text in portal.comments("deal", record))
    return {
        "Customer": bitrix24_pages.name("contact", contact),
        "Deal": f"{deal['TITLE']}, {deal['OPPORTUNITY']} {deal['CURRENCY_ID']}",
        "Stage": deal["STAGE_ID"],
        "Goods": ", ".join(goods),
        "Timeline": " · ".join(notes),
    }
