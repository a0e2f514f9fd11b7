"""What the merchant of the tests has set; for processes that have no Django yet, too."""

from collections.abc import Mapping
from datetime import UTC, datetime

RECEIPTS: Mapping[str, object] = {
    "place": "https://shop.example",
    "since": "2020-01-01",
    "time_zone": "UTC",
    # A test that runs at midnight is to see what it sees at noon.
    "closing_hour": str((datetime.now(UTC).hour + 12) % 24),
}
EMULATOR: Mapping[str, object] = {"drives": "1 2"}
