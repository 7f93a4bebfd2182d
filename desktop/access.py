"""Who may unlock: another passphrase, somebody new, somebody who leaves, another recovery key.

Each is proved by the passphrase of who unlocked, or else a laptop that was left open for a minute would be open for
good; and each stands in the audit trail before it is done, as a wrong passphrase does.
"""

import asyncio
from functools import partial
from uuid import UUID

from desktop import passphrases
from desktop.core import Core
from desktop.errors import Invalid, WrongKey
from desktop.keys import Slot
from desktop.services.auditing import enter
from desktop.services.people import create_person, rename_person
from desktop.vault import Vault

MOST_PEOPLE = 50


async def people(core: Core) -> tuple[Slot, ...]:
    """Return who may unlock, in the order of their names."""
    return (await asyncio.to_thread(_vault(core).keys)).people()


async def own_slot(core: Core) -> Slot:
    """Return the slot of who unlocked; raises Invalid for the recovery key, which is nobody's."""
    person = _person(core)
    return next(slot for slot in await people(core) if slot.person == person)


async def prove(core: Core, passphrase: str) -> None:
    """Prove by the passphrase that it is still who unlocked; raises WrongKey when it is not theirs.

    A slot that somebody put into the key file meanwhile proves nothing: it gives another key than the one in use.
    """
    _person(core)
    try:
        await asyncio.to_thread(_vault(core).prove, core.unlocked, passphrase)
    except WrongKey:
        await enter(core.database, actor=core.unlocked.actor, action="wrong_passphrase")
        raise WrongKey("That passphrase is not right. Check Caps Lock and try again.") from None


async def change_passphrase(core: Core, *, current: str, new: str) -> None:
    """Give who unlocked another passphrase; raises WrongKey when `current` is not theirs, Invalid for a weak one."""
    slot = await own_slot(core)
    await asyncio.to_thread(passphrases.check, new, known=(slot.name,))
    await prove(core, current)
    await enter(core.database, actor=core.unlocked.actor, action="change_passphrase")
    await asyncio.to_thread(
        _vault(core).add, core.unlocked, person=_person(core), name=slot.name, passphrase=new
    )


async def add_person(core: Core, *, current: str, name: str, passphrase: str) -> UUID:
    """Let somebody new in by a passphrase of their own; returns who that is.

    Raises Invalid for what cannot be, and WrongKey when `current` is not the passphrase of who unlocked.
    """
    if len(await people(core)) >= MOST_PEOPLE:
        raise Invalid(f"At most {MOST_PEOPLE} people can unlock one laptop.")
    await asyncio.to_thread(passphrases.check, passphrase, known=(name,))
    await prove(core, current)
    person = core.clock.new_id()
    await create_person(core.database, name=name, person_id=person)
    await enter(core.database, actor=core.unlocked.actor, action="add_person", person=str(person))
    await asyncio.to_thread(_vault(core).add, core.unlocked, person=person, name=name, passphrase=passphrase)
    return person


async def remove_person(core: Core, person: UUID, *, current: str) -> None:
    """Let `person` in no more; raises Invalid for who unlocked and for the last one, WrongKey as above.

    The next start gives the records another data key, so that the old one is of no use either.
    """
    if person == core.unlocked.person:
        raise Invalid("You cannot remove yourself. Somebody else can, when they have unlocked.")
    await prove(core, current)
    await enter(core.database, actor=core.unlocked.actor, action="remove_person", person=str(person))
    await asyncio.to_thread(_vault(core).remove, core.unlocked, person)


async def change_recovery_key(core: Core, recovery_key: str, *, current: str) -> None:
    """Let `recovery_key` be the one that opens the vault, none before it; raises WrongKey as above."""
    await prove(core, current)
    await enter(core.database, actor=core.unlocked.actor, action="new_recovery_key")
    await asyncio.to_thread(_vault(core).change_recovery_key, core.unlocked, recovery_key)


async def uses_keyring(core: Core) -> bool:
    """Tell whether the computer's keyring opens the records."""
    return (await asyncio.to_thread(_vault(core).keys)).in_keyring() is not None


async def use_keyring(core: Core, *, current: str) -> None:
    """Let the computer's keyring open the records as who unlocked; raises WrongKey as above, and AppError without one.

    Then whoever is logged in to the computer needs no passphrase.
    """
    slot = await own_slot(core)
    await prove(core, current)
    await enter(core.database, actor=core.unlocked.actor, action="use_keyring")
    used = partial(_vault(core).use_keyring, person=_person(core), name=slot.name)
    await asyncio.to_thread(used, core.unlocked)


async def leave_keyring(core: Core) -> None:
    """Let the computer's keyring open the records no more."""
    await enter(core.database, actor=core.unlocked.actor, action="leave_keyring")
    await asyncio.to_thread(_vault(core).leave_keyring, core.unlocked)


async def rename(core: Core, name: str) -> None:
    """Correct the name of who unlocked, also where it is asked for the passphrase. Raises Invalid."""
    person = _person(core)
    await rename_person(core.database, person, name)
    await asyncio.to_thread(_vault(core).rename, core.unlocked, person, name)


def _vault(core: Core) -> Vault:
    return Vault(core.paths)


def _person(core: Core) -> UUID:
    if core.unlocked.person is None:
        raise Invalid("The recovery key is nobody's. Unlock with a passphrase first.")
    return core.unlocked.person
