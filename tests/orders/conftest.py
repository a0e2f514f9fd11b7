"""Changes of the shop's orders are heard, as in a running shop."""

import pytest

from saleor_1c_plugin.orders import news
from saleor_1c_plugin.store import current_orders


@pytest.fixture(autouse=True)
def _listening() -> None:
    current_orders().listen(news.changed)
