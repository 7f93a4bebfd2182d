"""A hybrid logical clock: a number that rises with every edit, and follows the time of day where it can.

It only chooses which of two values that clash is shown first. It detects nothing and is no cursor, so that a clock
that is wrong costs a display and never a value. After Kulkarni et al., "Logical Physical Clocks" (2014),
https://cse.buffalo.edu/tech-reports/2014-04.pdf, in one number: milliseconds since 1970 above 16 bits that count.
"""

COUNTING_BITS = 16
MOST_AHEAD_MS = 5 * 60 * 1000


def tick(last: int, now_ms: int) -> int:
    """Return the reading of an edit at `now_ms` after one at `last`: always higher, whatever the clock does."""
    return max(last + 1, now_ms << COUNTING_BITS)


def heard(last: int, theirs: int) -> int:
    """Return the reading after an edit of somebody else was seen, so that what is edited next comes after it."""
    return max(last, theirs)


def clamped(reading: int, centre_ms: int) -> int:
    """Return a reading that is at most five minutes ahead of the centre's time: what a clock in 2099 may send."""
    return min(reading, (centre_ms + MOST_AHEAD_MS) << COUNTING_BITS)
