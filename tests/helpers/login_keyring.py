"""A real Secret Service on a D-Bus session of its own, unlocked as a login unlocks it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOGIN = b"the computer's login"
_UNTIL_WE_END = ("setpriv", "--pdeathsig", "KILL")  # also when the tests are killed


@contextmanager
def bus_session() -> Iterator[str]:
    """Run a D-Bus session and give its address."""
    command = [*_UNTIL_WE_END, "dbus-daemon", "--session", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as bus:
        assert bus.stdout is not None
        try:
            yield bus.stdout.readline().decode().strip()
        finally:
            bus.terminate()


@contextmanager
def login_keyring(bus_address: str, home: Path) -> Iterator[None]:
    """Run the keyring on a session, its files below `home`; the log-in has unlocked it."""
    environment = {
        **os.environ,
        "DBUS_SESSION_BUS_ADDRESS": bus_address,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "share"),
        "XDG_RUNTIME_DIR": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
    }
    command = [*_UNTIL_WE_END, "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as daemon:
        assert daemon.stdin is not None
        assert daemon.stdout is not None
        daemon.stdin.write(LOGIN)
        daemon.stdin.close()
        daemon.stdout.readline()  # it tells where it can be reached
        try:
            yield
        finally:
            daemon.terminate()
