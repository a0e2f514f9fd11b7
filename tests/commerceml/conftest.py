"""This room is pure: its tests run without Django (``pytest tests/commerceml -p no:django``)."""

import pytest


@pytest.fixture(autouse=True)
def _own_media() -> None:
    """Stand in for the fixture of the same name that points Django's media at a folder."""
