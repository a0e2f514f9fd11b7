"""How long to wait before something that failed is tried again."""

import random

FIRST_SECONDS = 10.0
LONGEST_SECONDS = 3600.0


def delay(failures: int, longest: float = LONGEST_SECONDS) -> float:
    """Seconds to wait after so many failures in a row (1, 2, …): doubled each time, with jitter.

    The jitter takes up to a half off, so that what failed together does not come back together.
    """
    # The exponent is bounded before the power is taken: 2.0 ** 1025 is no float.
    ceiling = min(longest, FIRST_SECONDS * 2.0 ** min(failures - 1, 32))
    return ceiling * random.uniform(0.5, 1)  # noqa: S311
