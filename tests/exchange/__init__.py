import pytest

# What these assert is worth seeing, too.
pytest.register_assert_rewrite("tests.exchange.shop", "tests.exchange.whole")
