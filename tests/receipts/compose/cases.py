"""How many cases properties are tried with: few in a test run, millions where one asks for them.

``ONEC_RECEIPT_CASES=1000000 pytest tests/receipts/compose``: so many amounts are shared out, by the
thousand; what is drawn one by one, and whole histories of orders, are a hundredth of it.
"""

import os

from hypothesis import HealthCheck, settings

CASES = int(os.environ.get("ONEC_RECEIPT_CASES", "0"))
#: Cases that one seed makes.
BATCH = 1000


def cases(usual: int, each: int = 100) -> settings:
    """Settings for `usual` examples, or one for `each` of the cases that were asked for."""
    return settings(
        max_examples=max(usual, CASES // each),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
