"""How good a passphrase is: long, and not what a thief tries first.

No rules about its characters: NIST SP 800-63B, section 3.1.1.2, asks for length and a list of known passwords, and
advises against such rules. How many guesses it takes is zxcvbn's estimate (Wheeler, USENIX Security 2016).
"""

from typing import Literal

from desktop.errors import Invalid

SHORTEST = 12
LONGEST = 1000
_JUDGED = 100  # characters; zxcvbn takes ever longer for more, and they only add
_WEAKEST = 3  # of zxcvbn's 0 to 4: 10^8 guesses and more

Strength = Literal["short", "known", "fair", "strong"]


def strength(passphrase: str, *, known: tuple[str, ...] = ()) -> Strength:
    """Return how strong a passphrase is; `known` are words a thief would try, such as the owner's name."""
    from zxcvbn import zxcvbn  # its lists take 60 ms

    if len(passphrase) < SHORTEST:
        return "short"
    score = zxcvbn(passphrase[:_JUDGED], user_inputs=list(known))["score"]
    if score < _WEAKEST:
        return "known"
    return "strong" if score == 4 else "fair"


def check(passphrase: str, *, known: tuple[str, ...] = ()) -> None:
    """Raise Invalid, in the user's words, for a passphrase that would not keep a thief out."""
    if len(passphrase) > LONGEST:
        raise Invalid(f"A passphrase has at most {LONGEST} characters.")
    try:
        passphrase.encode()
    except UnicodeEncodeError:  # bytes that a shell handed on
        raise Invalid("The passphrase holds characters that cannot be written.") from None
    found = strength(passphrase, known=known)
    if found == "short":
        raise Invalid(
            f"A passphrase has at least {SHORTEST} characters. Four random words are easy to remember."
        )
    if found == "known":
        raise Invalid(
            "This passphrase is among the first that are tried. Four random words are hard to guess."
        )
