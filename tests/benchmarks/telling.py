"""How figures are told: one JSON object a line on stdout, and what is going on on stderr."""

import json
import sys


def tell(figure: str, value: float, unit: str, **bound: float) -> None:
    print(json.dumps({"name": figure, "value": round(value, 3), "unit": unit, **bound}), flush=True)


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
