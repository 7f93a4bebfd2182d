"""Values of a conflict as text that both sides read the same: JSON, with ids and bytes in hex."""

import json
from typing import Any


def as_text(value: Any) -> str | None:
    """Return a stored value as JSON, None for nothing; a float is read back bit for bit."""
    if value is None:
        return None
    return json.dumps(value.hex() if isinstance(value, bytes) else value, ensure_ascii=False)
