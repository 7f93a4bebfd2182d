"""The key file: key slots, each of which opens the vault's one data key with a secret of its own.

A slot has a key pair. Its private half is wrapped by a key made of the secret: a passphrase through Argon2id (RFC 9106,
its second recommended option: 3 passes, 64 MiB, 4 lanes), or through HKDF (RFC 5869) the recovery key, 160 random bits,
or a secret that the computer's keyring keeps. The data key is sealed to the public half (X25519, RFC 7748, then HKDF
and AES-256-GCM), so that a new data key can be given to every slot without asking anybody for a passphrase.
"""

import hashlib
import hmac
import json
import os
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, NoReturn, get_args
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from desktop.codes import LETTERS, new_code
from desktop.errors import Invalid, WrongKey

FORMAT = "kinelog-keys"
VERSION = 2
READ = (1, 2)
KEY_BYTES = 32
MOST_SLOTS = 100
GROUPS, GROUP_LENGTH = 8, 4  # 8 groups of 4 letters, 5 bits each: 160 bits
WRONG_PASSPHRASE = "That passphrase is not right. Check Caps Lock and try again."
WRONG_RECOVERY = "That recovery key is not right. Please compare it with the print, group by group."
WRONG_KEYRING = "This computer's keyring opens the records no more. Please use your passphrase."

Kind = Literal["passphrase", "recovery", "keyring"]


@dataclass(frozen=True)
class Cost:
    """What one try of a passphrase costs: passes over the memory, its KiB, and lanes at once."""

    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 4

    def is_bearable(self) -> bool:
        """Tell whether a file may ask for it: a hostile one would ask for all of it."""
        numbers = (self.passes, self.memory_kib, self.lanes)
        limits = (20, 1 << 18, 16)
        return all(type(n) is int and 1 <= n <= most for n, most in zip(numbers, limits, strict=True))


@dataclass(frozen=True)
class Slot:
    """One way in: a passphrase, the recovery key or the computer's keyring. `person` is who comes in by it, if anybody.

    `sealed` is the data key; while the vault gets a new one, `sealed_next` is that. Beside the private half the secret
    opens a `bond` that goes into each sealing and is `kept` under the data key: who has neither can seal nothing here,
    and no passphrase opens a vault that a thief made. A slot of before that has none.
    """

    kind: Kind
    person: UUID | None
    name: str
    salt: bytes
    cost: Cost | None
    public: bytes
    private: bytes
    sealed: bytes
    sealed_next: bytes | None = None
    kept: bytes = b""


@dataclass(frozen=True)
class DataKeys:
    """What a slot gave: the data key, and the next one while the vault is being given that. Never shown."""

    person: UUID | None
    key: bytes
    next_key: bytes | None

    def __repr__(self) -> str:
        return f"DataKeys(person={self.person})"


@dataclass(frozen=True)
class KeyFile:
    """The slots of one vault.

    `begun` says that its records were made: from then on they must be there. `rekey_due` says that somebody left, and
    that the records get another data key as soon as nothing has them open. `mac` proves that all of it was written by
    who had the data key: a slot that a thief puts in would be given the next one.
    """

    vault: UUID
    slots: tuple[Slot, ...] = ()
    begun: bool = False
    rekey_due: bool = False
    mac: bytes = b""

    def signed(self, key: bytes) -> "KeyFile":
        """Return the file with the proof that it was written by who has the data key."""
        return replace(self, mac=self._proof(key))

    def is_signed_by(self, key: bytes) -> bool:
        """Tell whether everything in the file was written by who had the data key."""
        return hmac.compare_digest(self.mac, self._proof(key))

    def _proof(self, key: bytes) -> bytes:
        made = HKDF(SHA256(), KEY_BYTES, self.vault.bytes, b"kinelog key file").derive(key)
        body = {name: value for name, value in _body(self).items() if name != "mac"}
        return hmac.digest(made, json.dumps(body, sort_keys=True).encode(), "sha256")

    def people(self) -> tuple[Slot, ...]:
        """Return the slots of people, in the order of their names."""
        known = (slot for slot in self.slots if slot.kind == "passphrase")
        return tuple(sorted(known, key=lambda slot: slot.name))

    def in_keyring(self) -> Slot | None:
        """Return the slot that the computer's keyring opens, None when there is none."""
        return next((slot for slot in self.slots if slot.kind == "keyring"), None)

    def with_passphrase(
        self, key: bytes, *, person: UUID, name: str, passphrase: str, cost: Cost | None = None
    ) -> "KeyFile":
        """Return the file with a slot for `person`, in the place of one that was theirs."""
        slot = self._slot("passphrase", key, passphrase, person=person, name=name, cost=cost or Cost())
        return self._with(slot, lambda other: (other.kind, other.person) == ("passphrase", person))

    def with_recovery(self, key: bytes, recovery_key: str) -> "KeyFile":
        """Return the file with a recovery slot, in the place of the one before."""
        slot = self._slot("recovery", key, recovery_key, person=None, name="", cost=None)
        return self._with(slot, lambda other: other.kind == "recovery")

    def with_keyring(self, key: bytes, secret: str, *, person: UUID, name: str) -> "KeyFile":
        """Return the file with a slot that the computer's keyring opens as `person`, in the place of one before."""
        slot = self._slot("keyring", key, secret, person=person, name=name, cost=None)
        return self._with(slot, lambda other: other.kind == "keyring")

    def without_keyring(self) -> "KeyFile":
        """Return the file without a slot for the keyring."""
        return replace(self, slots=tuple(slot for slot in self.slots if slot.kind != "keyring"))

    def without(self, person: UUID) -> "KeyFile":
        """Return the file without the slot of `person`; raises Invalid for the last one."""
        left = tuple(slot for slot in self.slots if slot.person != person)
        if not any(slot.kind == "passphrase" for slot in left):
            raise Invalid("Somebody must be able to unlock. Add another person first.")
        return replace(self, slots=left, rekey_due=True)

    def named(self, person: UUID, name: str) -> "KeyFile":
        """Return the file with another name on the slot of `person`."""
        return replace(
            self,
            slots=tuple(replace(slot, name=name) if slot.person == person else slot for slot in self.slots),
        )

    def open(self, passphrase: str, *, person: UUID | None = None) -> DataKeys:
        """Return the data key by the passphrase of `person`, or of anybody; raises WrongKey."""
        for slot in self.slots:
            if slot.kind == "passphrase" and person in {None, slot.person}:
                opened = self._opened(slot, passphrase)
                if opened:
                    return opened
        raise WrongKey(WRONG_PASSPHRASE)

    def recover(self, recovery_key: str) -> DataKeys:
        """Return the data key by the recovery key, however it is spaced; raises WrongKey."""
        return self._open_kind("recovery", recovery_key) or _refuse(WRONG_RECOVERY)

    def open_keyring(self, secret: str) -> DataKeys:
        """Return the data key by the secret of the computer's keyring; raises WrongKey."""
        return self._open_kind("keyring", secret) or _refuse(WRONG_KEYRING)

    def announcing(self, next_key: bytes, *, by: bytes) -> "KeyFile":
        """Return the file with `next_key` beside the data key `by` in every slot."""

        def announce(slot: Slot) -> Slot:
            about = self._about(slot)
            return replace(slot, sealed_next=_seal(next_key, slot.public, about, bond=_bond(slot, by, about)))

        return self._each(announce)

    def settled(self, key: bytes, *, by: bytes) -> "KeyFile":
        """Return the file with `key` as the only data key of every slot; `by` is the one that they had so far."""

        def settle(slot: Slot) -> Slot:
            about = self._about(slot)
            bond = _bond(slot, by, about)
            kept = _encrypt(key, bond, about) if bond else b""
            return replace(
                slot, sealed=_seal(key, slot.public, about, bond=bond), sealed_next=None, kept=kept
            )

        return self._each(settle)

    def _each(self, change: Callable[[Slot], Slot]) -> "KeyFile":
        return replace(self, slots=tuple(map(change, self.slots)))

    def _open_kind(self, kind: Kind, secret: str) -> DataKeys | None:
        tried = (self._opened(slot, secret) for slot in self.slots if slot.kind == kind)
        return next(filter(None, tried), None)

    def _with(self, slot: Slot, replaces: Callable[[Slot], bool]) -> "KeyFile":
        return replace(self, slots=(*(other for other in self.slots if not replaces(other)), slot))

    def _slot(
        self, kind: Kind, key: bytes, secret: str, *, person: UUID | None, name: str, cost: Cost | None
    ) -> Slot:
        pair, bond = X25519PrivateKey.generate(), os.urandom(KEY_BYTES)
        slot = Slot(
            kind=kind, person=person, name=name, salt=os.urandom(16), cost=cost,
            public=pair.public_key().public_bytes_raw(), private=b"", sealed=b"",
        )  # fmt: skip
        about = self._about(slot)
        wrapped = _encrypt(_made_of(secret, slot), pair.private_bytes_raw() + bond, about)
        sealed = _seal(key, slot.public, about, bond=bond)
        return replace(slot, private=wrapped, sealed=sealed, kept=_encrypt(key, bond, about))

    def _opened(self, slot: Slot, secret: str) -> DataKeys | None:
        about = self._about(slot)
        try:
            halves = _decrypt(_made_of(secret, slot), slot.private, about)
            private, bond = X25519PrivateKey.from_private_bytes(halves[:KEY_BYTES]), halves[KEY_BYTES:]
            following = _unseal(slot.sealed_next, private, about, bond) if slot.sealed_next else None
            return DataKeys(slot.person, _unseal(slot.sealed, private, about, bond), following)
        except (InvalidTag, ValueError):
            return None

    def _about(self, slot: Slot) -> bytes:
        """Return what a slot's ciphertexts are bound to, so that none of it can be exchanged or weakened."""
        cost = slot.cost and [slot.cost.passes, slot.cost.memory_kib, slot.cost.lanes]
        bound = [str(self.vault), slot.kind, str(slot.person), _text(slot.salt), cost, _text(slot.public)]
        return json.dumps(bound).encode()


def _refuse(why: str) -> NoReturn:
    raise WrongKey(why)


def new_keyring_secret() -> str:
    """Return a secret for the computer's keyring, 256 random bits."""
    return os.urandom(KEY_BYTES).hex()


def new_recovery_key() -> str:
    """Return a recovery key, as it is shown and printed: 8 groups of 4 letters."""
    return "-".join(new_code(GROUP_LENGTH) for _ in range(GROUPS))


def recovery_letters(text: str) -> str:
    """Return the letters of a typed recovery key, without what separates the groups."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).upper() if letter.isalnum())


def is_recovery_key(text: str) -> bool:
    """Tell whether `text` has the form of a recovery key."""
    letters = recovery_letters(text)
    return len(letters) == GROUPS * GROUP_LENGTH and set(letters) <= set(LETTERS)


# As a file


def write_keys(keys: KeyFile) -> bytes:
    """Return the key file as JSON, with a checksum that tells a damaged one."""
    body = _body(keys)
    return json.dumps({**body, "sha256": _checksum(body)}, indent=1).encode()


def _body(keys: KeyFile) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "vault": str(keys.vault),
        "begun": keys.begun,
        "rekey_due": keys.rekey_due,
        "slots": [_slot_as_json(slot) for slot in keys.slots],
        "mac": _text(keys.mac),
    }


class UnusableKeys(ValueError):
    """What was read is no key file, or is damaged, hostile or newer."""


def read_keys(raw: bytes) -> KeyFile:
    """Return the key file in `raw`; raises UnusableKeys."""
    try:
        body = json.loads(raw)
        if body.pop("sha256") != _checksum(body) or body["format"] != FORMAT or body["version"] not in READ:
            raise UnusableKeys
        slots = tuple(map(_slot_of_json, body["slots"]))
        if len(slots) > MOST_SLOTS:
            raise UnusableKeys
        mac = b64decode(body["mac"], validate=True)
        return KeyFile(UUID(body["vault"]), slots, body["begun"] is True, body["rekey_due"] is True, mac)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UnusableKeys from None


def _slot_as_json(slot: Slot) -> dict[str, Any]:
    cost = slot.cost and {
        "passes": slot.cost.passes,
        "memory_kib": slot.cost.memory_kib,
        "lanes": slot.cost.lanes,
    }
    return {
        "kind": slot.kind,
        "person": str(slot.person) if slot.person else None,
        "name": slot.name,
        "salt": _text(slot.salt),
        "argon2id": cost,
        "public": _text(slot.public),
        "private": _text(slot.private),
        "sealed": _text(slot.sealed),
        "sealed_next": _text(slot.sealed_next) if slot.sealed_next else None,
        "kept": _text(slot.kept),
    }


def _slot_of_json(stored: Any) -> Slot:
    cost = Cost(**stored["argon2id"]) if stored["argon2id"] else None
    if stored["kind"] not in get_args(Kind) or (stored["kind"] == "passphrase") is (cost is None):
        raise UnusableKeys
    if cost and not cost.is_bearable():
        raise UnusableKeys
    return Slot(
        kind=stored["kind"],
        person=UUID(stored["person"]) if stored["person"] else None,
        name=str(stored["name"]),
        salt=b64decode(stored["salt"], validate=True),
        cost=cost,
        public=b64decode(stored["public"], validate=True),
        private=b64decode(stored["private"], validate=True),
        sealed=b64decode(stored["sealed"], validate=True),
        sealed_next=b64decode(stored["sealed_next"], validate=True) if stored["sealed_next"] else None,
        kept=b64decode(stored.get("kept", ""), validate=True),
    )


def _checksum(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()


# The ciphers


def _made_of(secret: str, slot: Slot) -> bytes:
    """Return the key that a secret makes; the same one however the keyboard composed its letters."""
    if slot.kind == "keyring":
        return HKDF(SHA256(), KEY_BYTES, slot.salt, b"kinelog keyring").derive(secret.encode())
    if slot.cost is None:
        letters = recovery_letters(secret).encode()
        return HKDF(SHA256(), KEY_BYTES, slot.salt, b"kinelog recovery").derive(letters)
    return Argon2id(
        salt=slot.salt,
        length=KEY_BYTES,
        iterations=slot.cost.passes,
        lanes=slot.cost.lanes,
        memory_cost=slot.cost.memory_kib,
    ).derive(unicodedata.normalize("NFKC", secret).encode())


def _bond(slot: Slot, key: bytes, about: bytes) -> bytes:
    """Return the slot's bond by the data key, nothing where it has none."""
    return _decrypt(key, slot.kept, about) if slot.kept else b""


def _seal(key: bytes, public: bytes, about: bytes, *, bond: bytes) -> bytes:
    """Return `key` so that only the private half of `public` with the bond opens it."""
    once = X25519PrivateKey.generate()
    sender = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(public))
    return sender + _encrypt(_agreed(shared, sender, public, bond), key, about)


def _unseal(sealed: bytes, private: X25519PrivateKey, about: bytes, bond: bytes) -> bytes:
    sender, encrypted = sealed[:KEY_BYTES], sealed[KEY_BYTES:]
    shared = private.exchange(X25519PublicKey.from_public_bytes(sender))
    public = private.public_key().public_bytes_raw()
    return _decrypt(_agreed(shared, sender, public, bond), encrypted, about)


def _agreed(shared: bytes, sender: bytes, public: bytes, bond: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, sender + public, b"kinelog data key").derive(shared + bond)


def _encrypt(key: bytes, plain: bytes, about: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, about)


def _decrypt(key: bytes, encrypted: bytes, about: bytes) -> bytes:
    return AESGCM(key).decrypt(encrypted[:12], encrypted[12:], about)
