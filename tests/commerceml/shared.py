"""Files of others that stand beside the repository: real exports and the published schema."""

import os
from pathlib import Path

import pytest

DATA = Path(
    os.environ.get("ONEC_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data"
)

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real files are not here ({DATA}; set ONEC_SHARED_DATA)"
)
