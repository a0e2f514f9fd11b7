"""Files of others that stand beside the repository: real exports and the published schema."""

import os
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

DATA = Path(
    os.environ.get("ONEC_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data"
)

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real files are not here ({DATA}; set ONEC_SHARED_DATA)"
)


@cache
def published(schema: str) -> etree.XMLSchema:
    """The published schema of this version."""
    path = DATA / "commerceml" / "xsd" / f"CommerceML-{schema}.xsd"
    return etree.XMLSchema(etree.parse(str(path)))
