"""Metrics as people enter them: the key of a typed name, and the value with its unit and reason."""

import re
import unicodedata

from desktop.errors import Invalid
from desktop.schemas import NewMetric, validated_edit

LONGEST_KEY = 100
_CODES = {"°": "deg", "/min": "1/min"}
_FIELDS = frozenset(NewMetric.model_fields)


def metric_key(text: str) -> str:
    """Return the key of a typed name: "Max angle" is kept as "max_angle".

    Letters of every script stay. Raises `Invalid` when nothing is left that could begin a key, or too much.
    """
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
    key = re.sub(r"[\W_]+", "_", plain).strip("_")
    if not key:
        raise Invalid("Please give the metric a name.")
    if not key[0].isalpha():
        raise Invalid("A name begins with a letter, as in Max angle.")
    if len(key) > LONGEST_KEY:
        raise Invalid(f"A name has at most {LONGEST_KEY} letters.")
    return key


def new_metric(name: str, value: float, *, unit: str | None, remark: str = "") -> NewMetric:
    """Return a metric that was entered by hand; `remark` says why an odd value is kept.

    Raises `Invalid` for what cannot be recorded.
    """
    entered = {"metric_name": name, "metric_value": value, "unit": unit or None, "remark": remark}
    return NewMetric.model_construct(**{"source": "manual", **validated_edit(NewMetric, _FIELDS, entered)})


def unit_code(text: str) -> str | None:
    """Return the UCUM code of a typed unit: "°" is kept as "deg"; None for no unit."""
    plain = " ".join(text.split())
    return _CODES.get(plain, plain) or None
