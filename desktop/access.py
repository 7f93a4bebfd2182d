"""Who may unlock: another passphrase, somebody new, somebody who leaves, another recovery key.

Each stands in the audit trail.
"""

import asyncio
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


async def change_passphrase(core: Core, *, current: str, new: str) -> None:
    """Give who unlocked another passphrase; raises WrongKey when `current` is not theirs, Invalid for a weak one."""
    person = _person(core)
    keys = await asyncio.to_thread(_vault(core).keys)
    slot = next(slot for slot in keys.people() if slot.person == person)
    await asyncio.to_thread(passphrases.check, new, known=(slot.name,))
    try:
        await asyncio.to_thread(keys.open, current, person=person)
    except WrongKey:
        raise WrongKey("The present passphrase is not right.") from None
    await asyncio.to_thread(_vault(core).add, core.unlocked, person=person, name=slot.name, passphrase=new)
    await enter(core.database, actor=core.unlocked.actor, action="change_passphrase")


async def add_person(core: Core, *, name: str, passphrase: str) -> UUID:
    """Let somebody new in by a passphrase of their own; returns who that is. Raises Invalid for what cannot be."""
    if len(await people(core)) >= MOST_PEOPLE:
        raise Invalid(f"At most {MOST_PEOPLE} people can unlock one laptop.")
    await asyncio.to_thread(passphrases.check, passphrase, known=(name,))
    person = core.clock.new_id()
    await create_person(core.database, name=name, person_id=person)
    await asyncio.to_thread(_vault(core).add, core.unlocked, person=person, name=name, passphrase=passphrase)
    await enter(core.database, actor=core.unlocked.actor, action="add_person", person=str(person))
    return person


async def remove_person(core: Core, person: UUID) -> None:
    """Let `person` in no more; raises Invalid for who unlocked, and for the last one.

    The next start gives the records another data key, so that the old one is of no use either.
    """
    if person == core.unlocked.person:
        raise Invalid("You cannot remove yourself. Somebody else can, when they have unlocked.")
    await asyncio.to_thread(_vault(core).remove, core.unlocked, person)
    await enter(core.database, actor=core.unlocked.actor, action="remove_person", person=str(person))


async def renew_recovery_key(core: Core) -> str:
    """Return a new recovery key; the one before opens nothing any more."""
    recovery_key = await asyncio.to_thread(_vault(core).renew_recovery_key, core.unlocked)
    await enter(core.database, actor=core.unlocked.actor, action="new_recovery_key")
    return recovery_key


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
