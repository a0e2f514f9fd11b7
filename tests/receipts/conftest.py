from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from .prints import Prints
from .support import House


@pytest.fixture
def house(transactional_db: None, settings: Any) -> House:
    """A shop with registers; what is committed is carried out at once."""
    return House(settings)


@pytest.fixture
def prints(transactional_db: None, settings: Any) -> Prints:
    return Prints(settings)


@pytest.fixture
def english() -> Iterator[None]:
    """What a test is told is as the source has it."""
    with translation.override("en"):
        yield
