from typing import Any

import pytest

from .support import Shop


@pytest.fixture
def shop(transactional_db: None, settings: Any) -> Shop:
    """A shop where everything is committed, and what hears of commits therefore does."""
    return Shop(settings)
