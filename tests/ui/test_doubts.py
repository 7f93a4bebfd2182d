"""The words of a doubt."""

import pytest

from desktop.plausibility import Doubt
from ui.doubts import doubt_text, fix_text


@pytest.mark.parametrize(
    ("doubt", "text"),
    [
        (Doubt("last_time", 20.5, "kg"), "Last time \u206820.5\u2009kg\u2069."),
        (Doubt("unusual_at_age"), "Unusual at this age."),
        (Doubt("below", 0, "deg"), "Less than \u20680°\u2069 is unusual here."),
        (Doubt("above", 200, "deg"), "More than \u2068200°\u2069 is unusual here."),
        (Doubt("over_time_limit", 30, "s"), "Longer than the time limit of \u206830\u2009s\u2069."),
        (
            Doubt("left_running", 30, "min"),
            "Longer than \u206830\u2009min\u2069. Was the clock left running?",
        ),
    ],
)
def test_a_doubt_is_told_in_a_sentence(doubt: Doubt, text: str) -> None:
    assert doubt_text(doubt) == text


def test_the_value_that_was_perhaps_meant_is_offered() -> None:
    assert fix_text(Doubt("last_time", 20.5, "kg", fix=20.8), "kg") == "Use 20.8\u2009kg"
    assert fix_text(Doubt("last_time", 20.5, "kg"), "kg") == ""
