"""Nothing that the footer called saved is lost, wherever in its work the program is killed."""

import os
import time
from itertools import count
from random import Random
from secrets import randbelow

import pytest

from tests.blackbox.clinician import Clinician
from tests.blackbox.hands import Hands, row_of
from tests.blackbox.ledger import Ledger, Stored, read_stored
from tests.blackbox.program import Program

SEED = "KINELOG_SEED"  # to repeat a run that failed
MOST_EDITS = 3
LONGEST_DELAY_SECONDS = 0.15
CUT_OFF = "recovered run, check the time"


@pytest.mark.parametrize(
    "kills",  # a timeout on the function would win over that of a parameter
    [
        pytest.param(20, marks=pytest.mark.timeout(900)),
        pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(3600)]),
    ],
)
def test_random_kills_lose_nothing_that_was_called_saved(program: Program, kills: int) -> None:
    seed = int(os.environ.get(SEED) or randbelow(1_000_000))
    print(f"{SEED}={seed}")
    random, numbers, ledger = Random(seed), count(1), Ledger()
    clinician = Clinician.at(program)
    clinician.introduce("Lena Okafor")
    clinician.begin_session(child="John Doe", age="8")
    clinician.wait_until_saved()
    hands = Hands(program, ledger, random, numbers)
    for kill in range(kills):
        record_until_killed(program, hands, random)
        stored = read_stored(program.data)
        lost = ledger.compare(stored)
        assert not lost, f"After kill {kill + 1} of seed {seed}:\n" + "\n".join(lost)
        ledger.go_on_from(stored)
        program.start()
        Clinician.at(program).unlock()
        hands = Hands(program, ledger, random, numbers)
        is_shown(stored, hands)


def record_until_killed(program: Program, hands: Hands, random: Random) -> None:
    for _ in range(random.randint(0, MOST_EDITS)):
        hands.edit()
        hands.hear_footer()
    if random.random() < 0.5:
        hands.clinician.wait_until_saved()
        hands.hear_footer()
    hands.edit(look=False)
    time.sleep(random.uniform(0, LONGEST_DELAY_SECONDS))
    hands.hear_footer()
    program.kill()


def is_shown(stored: Stored, hands: Hands) -> None:
    sentences = {row_of(sentence): sentence for sentence in hands.sentences()}
    for row in {row for row, _ in stored}:
        status, seconds = stored.get((row, "status")), stored.get((row, "seconds"))
        if status is not None:
            assert status.replace("_", " ") in sentences[row]
        elif seconds is None and (row, "started") in stored:
            assert CUT_OFF in sentences[row]


def test_a_run_that_was_cut_off_asks_to_check_its_time(program: Program) -> None:
    clinician = Clinician.at(program)
    clinician.introduce("Lena Okafor")
    clinician.begin_session(child="John Doe", age="8")
    clinician.start_run()
    clinician.wait_until_saved()
    program.restart()
    clinician = Clinician.at(program)
    clinician.unlock()
    clinician.window.find("cell", f"Raise hand, left, trial 1, {CUT_OFF}")
    clinician.window.find("label", "Recovered run, check the time")
    clinician.correct_time("15.5")
    clinician.window.find("cell", "Raise hand, left, trial 1, not rated, 15.5 seconds")
