"""Vaults for tests whose matter is another: their passphrase costs next to nothing."""

from uuid import UUID, uuid4

from desktop.keys import Cost, KeyFile, new_recovery_key
from desktop.paths import Paths
from desktop.vault import NewVault, Unlocked, Vault

PASSPHRASE = "four random words"
RECORDS_HERE = UUID("0198f000-0000-7000-8000-00000000000a")
CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
KEY = bytes(range(32))


def unlocked(paths: Paths, *, cost: Cost = CHEAP) -> Unlocked:
    """Unlock the vault below `paths` as its only person, making it when there is none."""
    vault = Vault(paths)
    if not vault.exists():
        recovery_key = new_recovery_key()
        keys = KeyFile(uuid4()).with_passphrase(
            KEY, person=RECORDS_HERE, name="Lena Okafor", passphrase=PASSPHRASE, cost=cost
        )
        vault.make(NewVault(keys.with_recovery(KEY, recovery_key), Unlocked(KEY, RECORDS_HERE), recovery_key))
    return vault.unlock(PASSPHRASE)
