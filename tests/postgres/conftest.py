"""A real centre: a server that encrypts, an administrator who is no superuser, laptops with a role each."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import pytest

from desktop.centre.admin import Centre
from desktop.centre.enrolment import Enrolment
from tests.helpers.postgres import PostgresServer, own_server
from tests.helpers.tls import Authority
from tests.postgres.centres import Laptop, Office, laptop

ADMIN = "centre admin"
T = TypeVar("T")


@dataclass(frozen=True)
class Shared:
    """A database with two centres that many tests use and leave as it was; Anna and Ben are at the first one."""

    office: Office
    centre: Centre
    other: Centre
    anna: Enrolment
    ben: Enrolment
    carla: Enrolment  # at the other centre
    gone: Enrolment  # revoked at the first one, where the role could still log in


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Who vouches for the centre's server."""
    return Authority()


@pytest.fixture(scope="session")
def centre_server(authority: Authority) -> Iterator[PostgresServer]:
    """A server that encrypts, and logs every statement."""
    certificate = authority.certify("localhost", "127.0.0.1")
    with own_server(tls=certificate, settings={"log_statement": "all", "log_connections": "on"}) as server:
        yield server


@pytest.fixture(scope="session")
def admin_url(
    centre_server: PostgresServer, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The URL of an administrator who is no superuser, but for the database's name."""
    password = secrets.token_hex(16)
    centre_server.execute(f"CREATE ROLE \"{ADMIN}\" LOGIN CREATEROLE BYPASSRLS PASSWORD '{password}'")
    ca = tmp_path_factory.mktemp("authority") / "ca.pem"
    ca.write_text(authority.pem)
    port = urlsplit(centre_server.url).port
    return f"postgresql://{quote(ADMIN)}:{password}@localhost:{port}/?sslmode=verify-full&sslrootcert={ca}"


OfficeIn = Callable[..., Any]


@pytest.fixture(scope="session")
def office_in(centre_server: PostgresServer, authority: Authority, admin_url: str) -> OfficeIn:
    """Opens an office in a database of its own, a copy of `template`, gone at the end of the block."""

    @contextmanager
    def opened(template: str = "template1", owner: str = ADMIN) -> Iterator[Office]:
        with centre_server.database(template=template, owner=owner) as url:
            own = urlsplit(admin_url)._replace(path=urlsplit(url).path)
            yield Office(centre_server, authority, urlunsplit(own))

    return opened


@pytest.fixture
def empty(office_in: OfficeIn) -> Iterator[Office]:
    """An empty database of this test alone."""
    with office_in() as office:
        yield office


@pytest.fixture(scope="session")
def _template(office_in: OfficeIn) -> Iterator[str]:
    with office_in() as office:
        apart(office.make())
        yield office.database


@pytest.fixture
async def office(office_in: OfficeIn, _template: str) -> AsyncIterator[Office]:
    """A database of this test alone, with a centre."""
    with office_in(_template) as office:
        await office.make()
        yield office


@pytest.fixture
async def centre(office: Office) -> Centre:
    """The centre of this test."""
    return await office.make()


@pytest.fixture
async def anna(office: Office, centre: Centre) -> AsyncIterator[Laptop]:
    """A laptop at the centre of this test."""
    async with laptop(await office.enrol(centre, "Anna")) as opened:
        yield opened


@pytest.fixture(scope="session")
def shared(office_in: OfficeIn, _template: str) -> Iterator[Shared]:
    """Two centres in one database, with a row a table in each, for tests that leave all as it was."""
    with office_in(_template) as office:
        yield apart(_furnished(office))


async def _furnished(office: Office) -> Shared:
    centre, other = await office.make(), await office.second_centre()
    anna, ben, gone = [await office.enrol(centre, name) for name in ("Anna", "Ben", "Gone")]
    carla = await office.enrol(other, "Carla")
    for enrolment in (anna, carla, gone):
        async with laptop(enrolment) as opened:
            await opened.write_all()
            async with opened.push() as head:
                query = "UPDATE people SET name = 'Zoe', rev = rev + 1, srv_seq = $1"
                await opened.connection.execute(query, head)
    async with office.owner() as owner:
        await owner.execute("UPDATE device SET revoked = true WHERE role_name = $1", gone.role)
    return Shared(office, centre, other, anna, ben, carla, gone)


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` on a loop of its own; usable with and without a running one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
