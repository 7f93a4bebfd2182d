"""Key slots: who knows a secret gets the data key, and nobody else."""

import random
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from desktop.errors import Invalid, WrongKey
from desktop.keys import Cost, KeyFile, UnusableKeys, is_recovery_key, new_recovery_key, read_keys, write_keys

KEY = bytes(range(32))
LENA, OMAR = UUID(int=1), UUID(int=2)
PASSPHRASE = "four random words, café"


@pytest.fixture(scope="module")
def keys() -> KeyFile:
    return KeyFile(uuid4()).with_passphrase(KEY, person=LENA, name="Lena Okafor", passphrase=PASSPHRASE)


@pytest.fixture(scope="module")
def recovery_key() -> str:
    return new_recovery_key()


def test_the_passphrase_gives_the_data_key_and_who_it_was(keys: KeyFile):
    opened = keys.open(PASSPHRASE)
    assert (opened.key, opened.person, opened.next_key) == (KEY, LENA, None)


@pytest.mark.parametrize("wrong", ["", "four random words, cafe", PASSPHRASE.upper(), PASSPHRASE + " "])
def test_another_passphrase_gives_nothing(keys: KeyFile, wrong: str):
    with pytest.raises(WrongKey, match="not right"):
        keys.open(wrong)


def test_the_same_letters_composed_by_another_keyboard_are_the_same(keys: KeyFile):
    assert keys.open("four random words, cafe\u0301").key == KEY


def test_each_person_has_a_way_in_of_their_own(keys: KeyFile):
    both = keys.with_passphrase(KEY, person=OMAR, name="Omar Said", passphrase="another passphrase")
    assert both.open("another passphrase").person == OMAR
    assert both.open(PASSPHRASE, person=LENA).person == LENA
    with pytest.raises(WrongKey):
        both.open(PASSPHRASE, person=OMAR)
    left = both.without(OMAR)
    with pytest.raises(WrongKey):
        left.open("another passphrase")
    assert left.open(PASSPHRASE).key == KEY


def test_the_last_person_cannot_be_shut_out(keys: KeyFile, recovery_key: str):
    with pytest.raises(Invalid, match="Somebody must be able to unlock"):
        keys.with_recovery(KEY, recovery_key).without(LENA)


def test_a_new_passphrase_takes_the_place_of_the_old_one(keys: KeyFile):
    changed = keys.with_passphrase(KEY, person=LENA, name="Lena Okafor", passphrase="a new passphrase")
    assert len(changed.slots) == 1
    assert changed.open("a new passphrase").key == KEY
    with pytest.raises(WrongKey):
        changed.open(PASSPHRASE)


def test_the_recovery_key_opens_however_it_is_typed(keys: KeyFile, recovery_key: str):
    file = keys.with_recovery(KEY, recovery_key)
    for typed in (recovery_key, recovery_key.lower(), recovery_key.replace("-", " "), f" {recovery_key} \n"):
        assert is_recovery_key(typed)
        opened = file.recover(typed)
        assert (opened.key, opened.person) == (KEY, None)


def test_another_recovery_key_gives_nothing(keys: KeyFile, recovery_key: str):
    file = keys.with_recovery(KEY, recovery_key)
    for wrong in ("", new_recovery_key(), recovery_key[:-1], PASSPHRASE):
        with pytest.raises(WrongKey, match="group by group"):
            file.recover(wrong)


def test_recovery_keys_are_eight_groups_of_four_that_no_eye_confuses():
    made = {new_recovery_key() for _ in range(200)}
    assert len(made) == 200
    for key in made:
        assert [len(group) for group in key.split("-")] == [4] * 8
        assert not set(key) & set("01IO")


def test_a_new_data_key_reaches_everybody_without_their_passphrases(keys: KeyFile, recovery_key: str):
    following = bytes(reversed(KEY))
    announced = keys.with_recovery(KEY, recovery_key).announcing(following, by=KEY)
    for opened in (announced.open(PASSPHRASE), announced.recover(recovery_key)):
        assert (opened.key, opened.next_key) == (KEY, following)
    settled = announced.settled(following, by=KEY)
    for opened in (settled.open(PASSPHRASE), settled.recover(recovery_key)):
        assert (opened.key, opened.next_key) == (following, None)


def test_slots_hold_no_secret_in_clear(keys: KeyFile, recovery_key: str):
    raw = write_keys(keys.with_recovery(KEY, recovery_key))
    for secret in (PASSPHRASE.encode(), recovery_key.encode(), recovery_key.replace("-", "").encode()):
        assert secret not in raw
    assert KEY.hex() not in repr(keys.open(PASSPHRASE))
    assert str(list(KEY)) not in repr(keys.open(PASSPHRASE))


def test_a_slot_opens_no_other_vault(keys: KeyFile):
    with pytest.raises(WrongKey):
        replace(keys, vault=uuid4()).open(PASSPHRASE)


def test_a_cheaper_slot_does_not_open(keys: KeyFile):
    (slot,) = keys.slots
    with pytest.raises(WrongKey):
        replace(keys, slots=(replace(slot, cost=Cost(passes=1, memory_kib=64, lanes=1)),)).open(PASSPHRASE)


def test_two_slots_of_one_passphrase_have_nothing_in_common():
    one, other = (
        KeyFile(UUID(int=7)).with_passphrase(KEY, person=LENA, name="Lena", passphrase=PASSPHRASE).slots[0]
        for _ in range(2)
    )
    assert one.salt != other.salt
    assert one.private != other.private
    assert one.sealed != other.sealed


# As a file


def test_a_key_file_is_read_as_it_was_written(keys: KeyFile, recovery_key: str):
    file = replace(keys.with_recovery(KEY, recovery_key), begun=True).announcing(bytes(32), by=KEY)
    assert read_keys(write_keys(file)) == file


def test_a_file_is_proved_by_who_has_the_data_key_and_nobody_else(keys: KeyFile):
    signed = keys.signed(KEY)
    assert read_keys(write_keys(signed)).is_signed_by(KEY)
    assert not signed.is_signed_by(bytes(32))
    assert not keys.is_signed_by(KEY)
    thief = KeyFile(keys.vault).with_passphrase(bytes(32), person=OMAR, name="", passphrase="mine")
    for changed in (
        replace(signed, slots=(*signed.slots, *thief.slots)),
        replace(signed, rekey_due=True),
        replace(signed, begun=True),
        signed.named(LENA, "Somebody else"),
    ):
        assert not changed.is_signed_by(KEY)


def test_a_file_of_countless_slots_is_refused(keys: KeyFile):
    with pytest.raises(UnusableKeys):
        read_keys(write_keys(replace(keys, slots=keys.slots * 200)))


def test_a_flipped_bit_is_noticed_wherever_it_is(keys: KeyFile):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    raw, picks = write_keys(keys), random.Random(seed)
    for _ in range(300):
        damaged = bytearray(raw)
        damaged[picks.randrange(len(raw))] ^= 1 << picks.randrange(8)
        with pytest.raises(UnusableKeys):
            read_keys(bytes(damaged))


@pytest.mark.parametrize(
    "cost", [Cost(memory_kib=1 << 30), Cost(passes=10**9), Cost(lanes=99), Cost(passes=0)]
)
def test_a_file_that_asks_for_too_much_is_refused(keys: KeyFile, cost: Cost):
    (slot,) = keys.slots
    with pytest.raises(UnusableKeys):
        read_keys(write_keys(replace(keys, slots=(replace(slot, cost=cost),))))


@pytest.mark.parametrize("raw", [b"", b"[]", b"7", b"{}", b'{"sha256": 1}', b"\xff", b"[" * 100_000])
def test_what_is_no_key_file_is_refused(raw: bytes):
    with pytest.raises(UnusableKeys):
        read_keys(raw)
