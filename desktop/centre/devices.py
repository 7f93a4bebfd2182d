"""Laptops of a centre: each has a role of its own, which is let in and out by an administrator."""

import re
import secrets
import unicodedata
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from desktop.centre import scram
from desktop.centre.admin import Centre
from desktop.centre.connecting import is_loopback
from desktop.centre.enrolment import Enrolment
from desktop.errors import Conflict, Invalid, NotFound

LONGEST_NAME = 100
_HOST = re.compile(r"[^\s/@,]{1,253}")
# What a laptop that fell asleep holds up is free again in time; whom a cut cable left behind is noticed.
SETTINGS = {
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "10s",
    "statement_timeout": "5min",
    "tcp_keepalives_idle": "60",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "6",
}


async def add_device(
    connection: AsyncConnection,
    centre: Centre,
    *,
    name: str,
    host: str,
    port: int,
    ca_pem: str = "",
    plain: bool = False,
) -> Enrolment:
    """Let a laptop in, and return what it is to be told; its password is kept nowhere else.

    Raises Invalid for a name or a host that cannot be, and Conflict when another laptop has the name.
    """
    name = _named(name)
    _refuse_unreachable(host, plain=plain)
    if await _role_of(connection, centre, name) is not None:
        raise Conflict(f"There is a laptop called {name} already. Revoke it first, or choose another name.")
    role, password = role_name(name), secrets.token_urlsafe(32)
    await _run(
        connection,
        "CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE INHERIT PASSWORD %L",
        role,
        scram.verifier(password),
    )
    for setting, value in SETTINGS.items():
        await _run(connection, f"ALTER ROLE %I SET {setting} = %L", role, value)
    await _run(connection, "GRANT kinelog_device TO %I", role)
    await connection.execute(
        text(
            "INSERT INTO device (centre_id, role_name, name, created_at) VALUES (:centre_id, :role, :name, now())"
        ),
        {"centre_id": centre.centre_id, "role": role, "name": name},
    )
    database = (await connection.execute(text("SELECT current_database()"))).scalar_one()
    return Enrolment(
        host=host,
        port=port,
        database=database,
        role=role,
        password=password,
        ca_pem=ca_pem,
        centre_id=centre.centre_id,
        central_uuid=centre.central_uuid,
        name=name,
        plain=plain,
    )


async def revoke_device(connection: AsyncConnection, centre: Centre, *, name: str) -> None:
    """Let a laptop in no more; one that is connected may do nothing from its next statement on.

    What it sent stays. Raises NotFound.
    """
    role = await _role_of(connection, centre, _named(name))
    if role is None:
        raise NotFound(f"The centre knows no laptop called {name}.")
    for table in ("device", "replica"):
        await connection.execute(
            text(f"UPDATE {table} SET revoked = true WHERE role_name = :role"), {"role": role}
        )
    await _run(connection, "REVOKE kinelog_device FROM %I", role)
    await _run(connection, "ALTER ROLE %I NOLOGIN PASSWORD NULL", role)


def role_name(name: str) -> str:
    """Return a name for a laptop's role that a person recognises and no other has, on the whole server."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:30]
    return "_".join(filter(None, ("kinelog", words, secrets.token_hex(4))))


def _named(name: str) -> str:
    tidy = unicodedata.normalize("NFC", name).strip()
    if not tidy or len(tidy) > LONGEST_NAME or not tidy.isprintable():
        raise Invalid(f"A laptop's name has 1 to {LONGEST_NAME} characters that can be printed.")
    return tidy


def _refuse_unreachable(host: str, *, plain: bool) -> None:
    if not _HOST.fullmatch(host):
        raise Invalid("Say by --host where laptops reach the server: its name or its address.")
    if plain and not is_loopback(host):
        raise Invalid(f"Without encryption only this very computer is a centre, not {host}.")


async def _role_of(connection: AsyncConnection, centre: Centre, name: str) -> str | None:
    found: Any = await connection.execute(
        text("SELECT role_name FROM device WHERE centre_id = :centre_id AND name = :name AND NOT revoked"),
        {"centre_id": centre.centre_id, "name": name},
    )
    role: str | None = found.scalar()
    return role


async def _run(connection: AsyncConnection, form: str, *words: str) -> None:
    """Run a statement that takes no parameters, with words that PostgreSQL itself puts into quotation marks."""
    names = {f"word{number}": word for number, word in enumerate(words)}
    listed = ", ".join(f"CAST(:{name} AS text)" for name in names)
    quoted = await connection.execute(text(f"SELECT format(:form, {listed})"), {"form": form, **names})
    await connection.exec_driver_sql(quoted.scalar_one())
