"""The one place that opens a connection to a centre, a laptop's or an administrator's.

Without an SSL context of one's own, asyncpg tells the password to whoever answers, whether it encrypts or not.
"""

import ipaddress
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import URL

from desktop.centre.enrolment import Enrolment
from desktop.centre.refusals import LoginRefused, NotACentre, NotTrusted, WrongName
from desktop.errors import Invalid
from desktop.sync.remote import Unreachable

TIMEOUT_S = 10.0
PORT = 5432
_OTHER_NAME = {62, 64}  # OpenSSL's codes of a certificate: not for this host name, not for this address
_OTHER_DATE = {9, 10}  # not yet valid, expired


@dataclass(frozen=True)
class Door:
    """Where a database is, and how it is entered; a `host` that begins with "/" is the folder of a local socket."""

    host: str
    port: int
    database: str | None
    role: str | None
    password: str | None = field(repr=False)
    ca_pem: str = field(repr=False)
    plain: bool


async def connect(enrolment: Enrolment) -> asyncpg.Connection:
    """Open a laptop's connection to its centre.

    Raises Unreachable, which is worth another try, or LoginRefused, NotTrusted, WrongName and NotACentre. A server
    that is not the enrolled one is told neither the password nor the role.
    """
    e = enrolment
    connection = await enter(Door(e.host, e.port, e.database, e.role, e.password, e.ca_pem, e.plain))
    try:
        holds_centre = await connection.fetchval("SELECT to_regclass('public.stream') IS NOT NULL")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        connection.terminate()
        raise Unreachable(f"The centre at {e.host} broke off. It is tried again later.") from None
    if not holds_centre:
        await connection.close()
        raise NotACentre(f"The database at {e.host} is no centre. Nothing was sent.")
    return connection


async def enter(door: Door) -> asyncpg.Connection:
    """Open a connection, encrypted and with a server that proves its name; raises as `connect` does."""
    host = door.host
    try:
        return await asyncpg.connect(
            host=host,
            port=door.port,
            user=door.role,
            password=door.password,
            database=door.database,
            ssl=_secured(door),
            direct_tls=False,
            timeout=TIMEOUT_S,
            server_settings={"application_name": "kinelog"},
        )
    except ssl.SSLCertVerificationError as error:
        raise _distrust(host, error.verify_code) from None
    except ssl.SSLError:
        raise NotTrusted(f"No secure connection to {host} can be made. Nothing was sent.") from None
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InsufficientPrivilegeError):
        raise LoginRefused(f"The centre at {host} does not let {door.role} in.") from None
    except asyncpg.InvalidCatalogNameError:
        raise NotACentre(f"The server at {host} has no database of that name.") from None
    except asyncpg.PostgresError as error:
        raise Unreachable(f"The server at {host} lets nobody in now ({error.sqlstate}).") from None
    except ConnectionError as error:
        if "SSL" in str(error):
            raise NotTrusted(f"The server at {host} does not encrypt. Nothing was sent.") from None
        raise Unreachable(f"The server at {host} does not answer.") from None
    except (OSError, UnicodeError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        raise Unreachable(f"The server at {host} does not answer.") from None


def door_of(url: URL) -> Door:
    """Return where the URL of an administrator leads; raises Invalid for one that cannot be.

    `sslrootcert=FILE` names who vouches for the server, `sslmode=disable` goes without encryption on loopback.
    """
    asked = url.query
    host = url.host or asked.get("host") or "/var/run/postgresql"
    certificates = asked.get("sslrootcert", "system")
    if not isinstance(host, str) or not isinstance(certificates, str):
        raise Invalid("The URL of the centre names several servers; give one.")
    return Door(
        host=host,
        port=url.port or PORT,
        database=url.database,
        role=url.username,
        password=url.password,
        ca_pem="" if certificates == "system" else read_certificates(Path(certificates)),
        plain=asked.get("ssl") == "disable",
    )


def read_certificates(path: Path) -> str:
    """Return the certificates in a PEM file, and nothing else of it; raises Invalid when there are none."""
    try:
        text = path.read_text(encoding="ascii", errors="replace")
        pem = "".join(_certificates(text))
        tls_context(pem)
    except OSError as error:
        raise Invalid(f"The certificate file {path} cannot be read: {error.strerror}.") from None
    if not pem:
        raise Invalid(f"The file {path} holds no certificate in PEM form.")
    return pem


def is_loopback(host: str) -> bool:
    """Return whether `host` is this very computer: by an address that never leaves it, or as localhost."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def tls_context(ca_pem: str) -> ssl.SSLContext:
    """Return what a server must satisfy: TLS 1.2, a certificate that these vouch for, its own name in it."""
    try:
        context = ssl.create_default_context(cadata=ca_pem or None)
    except ssl.SSLError:
        raise Invalid("The centre's certificate cannot be understood.") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _secured(door: Door) -> Any:
    """Return the context of a connection, or False for one that needs none; raises NotTrusted."""
    if door.host.startswith("/"):
        return False  # a socket of this computer
    if not door.plain:
        return tls_context(door.ca_pem)
    if not is_loopback(door.host):
        raise NotTrusted(
            f"Without encryption nothing is sent to {door.host}, but to this very computer only."
        )
    return False


def _distrust(host: str, code: int) -> NotTrusted:
    if code in _OTHER_NAME:
        return WrongName(f"The server that answered is not {host}. Nothing was sent.")
    if code in _OTHER_DATE:
        return NotTrusted(f"The certificate of {host} is not valid today, or this computer's date is wrong.")
    return NotTrusted(f"Nobody whom the enrolment names vouches for the server at {host}. Nothing was sent.")


def _certificates(text: str) -> list[str]:
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    return [begin + part.split(end)[0] + end + "\n" for part in text.split(begin)[1:] if end in part]
