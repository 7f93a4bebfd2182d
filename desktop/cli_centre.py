"""kinelogctl centre: a centre made, laptops let in and out, and what is there."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from desktop.errors import Invalid
from desktop.terminal import AsJson, Call, DataDir, answer, call

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncConnection

    from desktop.centre.admin import Centre
    from desktop.centre.overview import Overview

T = TypeVar("T")
URL_VARIABLE = "CENTRE_DATABASE_URL"
centre = typer.Typer(
    help=f"The centre: the shared PostgreSQL that {URL_VARIABLE} names.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="What the laptop is called here.", metavar="NAME")]


@centre.command(name="init")
def init_centre(context: typer.Context, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Make an empty database a centre, or bring a centre to this version; twice is the same as once."""

    async def work(connection: "AsyncConnection", _url: "URL") -> "tuple[Centre, bool]":
        from desktop.centre.admin import make_centre

        return await make_centre(connection)

    made, new = _at_centre(call(context, data_dir, None), work)
    words = "The database is a centre now." if new else "The database was a centre already."
    answer(
        {"centre_id": str(made.centre_id), "made": new},
        f"{words} Its number is {made.centre_id}.",
        as_json=as_json,
    )


@centre.command(name="add-device")
def add_device(
    context: typer.Context,
    *,
    name: Name,
    host: Annotated[str, typer.Option(help="Where laptops reach the server; else as in the URL.")] = "",
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Its port; else as in the URL.")] = None,
    ca: Annotated[
        Path | None,
        typer.Option(help="A PEM file with the certificate that vouches for the server.", metavar="FILE"),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain-on-loopback", help="Without encryption, on this very computer only.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Let a laptop in, and print its enrolment text, this once: who has the text can log in."""

    async def work(connection: "AsyncConnection", url: "URL") -> str:
        from desktop.centre import admin, connecting, devices

        door = connecting.door_of(url)
        if connecting.is_loopback(host or door.host) and not plain:
            typer.echo("Only this very computer reaches the centre so; other laptops need --host.", err=True)
        enrolment = await devices.add_device(
            connection,
            await admin.find_centre(connection),
            name=name,
            host=host or door.host,
            port=port or door.port,
            ca_pem=door.ca_pem if ca is None else connecting.read_certificates(ca),
            plain=plain,
        )
        return enrolment.as_text()

    text = _at_centre(call(context, data_dir, None), work)
    answer({"device": name, "enrolment": text}, text, as_json=as_json)


@centre.command(name="revoke-device")
def revoke_device(
    context: typer.Context, name: Name, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Let a laptop in no more; what it sent stays."""

    async def work(connection: "AsyncConnection", _url: "URL") -> None:
        from desktop.centre import admin, devices

        await devices.revoke_device(connection, await admin.find_centre(connection), name=name)

    _at_centre(call(context, data_dir, None), work)
    answer({"device": name, "revoked": True}, f"The laptop called {name} is let in no more.", as_json=as_json)


@centre.command(name="status")
def show_status(context: typer.Context, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Tell what the centre holds: its schema and head, its laptops, its records."""

    async def work(connection: "AsyncConnection", _url: "URL") -> "Overview":
        from desktop.centre import admin
        from desktop.centre.overview import overview

        return await overview(connection, await admin.find_centre(connection))

    found = _at_centre(call(context, data_dir, None), work)
    answer(_plain(asdict(found)), _in_words(found), as_json=as_json)


def _at_centre(this: Call, work: "Callable[[AsyncConnection, URL], Awaitable[T]]") -> T:
    """Do `work` in one transaction of the administrator; a failure ends the program with its one line."""

    async def opened() -> T:
        from desktop.centre import admin

        url = _url()
        async with admin.opened(url) as connection:
            return await work(connection, url)

    return this.guarded(lambda: asyncio.run(opened()))


def _url() -> "URL":
    """Return the URL of the centre, from the environment, else from `.env` in the working folder; raises Invalid."""
    from dotenv import dotenv_values

    from desktop.database import normalise_url

    told = os.environ.get(URL_VARIABLE) or dotenv_values(Path.cwd() / ".env").get(URL_VARIABLE)
    if not told:
        raise Invalid(f"Set {URL_VARIABLE}, in the environment or in .env, to the URL of the centre.")
    try:
        url = normalise_url(told)
    except ValueError as error:
        raise Invalid(f"{URL_VARIABLE} cannot be used. {error}.") from None
    if url.get_backend_name() != "postgresql":
        raise Invalid(f"A centre is a PostgreSQL; {URL_VARIABLE} names another database.")
    return url


def _plain(told: Any) -> Any:
    """Return the answer as JSON has it."""
    from desktop.export.canonical import plain

    if isinstance(told, dict):
        return {name: _plain(value) for name, value in told.items()}
    return list(map(_plain, told)) if isinstance(told, list) else plain(told)


def _in_words(found: "Overview") -> str:
    schema = (
        found.schema
        if found.current
        else f"{found.schema}, to be brought up to date by: kinelogctl centre init"
    )
    devices = (
        f"{one.name}: {'revoked, ' if one.revoked else ''}"
        + (f"last seen {one.last_seen:%Y-%m-%d %H:%M} UTC" if one.last_seen else "never seen")
        for one in found.devices
    )
    rows = ", ".join(f"{count:,} {name}" for name, count in found.rows.items())
    return "\n".join(
        (f"Centre {found.centre_id}, schema {schema}.", f"{found.head:,} pushes; {rows}.", *devices)
    )
