"""Drive a program from outside, the way a screen reader does: over AT-SPI, by role and name.

Plain D-Bus; the interfaces are those of https://gitlab.gnome.org/GNOME/at-spi2-core/-/tree/main/xml.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

PATIENCE_SECONDS = 20.0
_REPLY_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 0.05
_PREFIX = "org.a11y.atspi."
_ROOT = "/org/a11y/atspi/accessible/root"
_NOBODY = "/org/a11y/atspi/null"
_SCREEN_COORDINATES = 0
_LABELLED_BY = 2
_STATES = {
    1: "active",
    4: "checked",
    7: "editable",
    8: "enabled",
    11: "focusable",
    12: "focused",
    23: "selected",
    24: "sensitive",
    25: "showing",
    30: "visible",
}


class Refused(Exception):
    """The program answered with an error, as it does for a widget that has just gone."""


class Bus:
    """The accessibility bus of one desktop session."""

    def __init__(self, session_address: str) -> None:
        session = open_dbus_connection(session_address)
        try:
            (address,) = _call(session, ("org.a11y.Bus", "/org/a11y/bus"), "org.a11y.Bus", "GetAddress")
        finally:
            session.close()
        self._connection = open_dbus_connection(address)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def call(
        self, reference: tuple[str, str], interface: str, member: str, signature: str = "", *values: Any
    ) -> Any:
        return _call(self._connection, reference, interface, member, signature, *values)

    def programs(self) -> list["Node"]:
        """Return the programs that have joined the bus."""
        registry = Node(self, (_PREFIX + "Registry", _ROOT))
        return registry.children()

    def program(self, process_group: int, *, timeout: float = PATIENCE_SECONDS) -> "Node":
        """Return the program of this process group once it has joined; LookupError after `timeout` seconds."""
        return _first(
            lambda: (node for node in self.programs() if os.getpgid(self._process_of(node)) == process_group),
            timeout,
            f"a program in the process group {process_group}",
        )

    def _process_of(self, node: "Node") -> int:
        bus = ("org.freedesktop.DBus", "/org/freedesktop/DBus")
        (process_id,) = self.call(bus, bus[0], "GetConnectionUnixProcessID", "s", node.reference[0])
        return int(process_id)


@dataclass(frozen=True)
class Node:
    """A widget, or a part of one, as assistive technology sees it; everything is asked for anew."""

    bus: Bus
    reference: tuple[str, str]

    def name(self) -> str:
        return str(self._property("Accessible", "Name"))

    def description(self) -> str:
        return str(self._property("Accessible", "Description"))

    def identifier(self) -> str:
        """Return the object names of the widget and its parents, joined by dots."""
        return str(self._property("Accessible", "AccessibleId"))

    def role(self) -> str:
        return str(self._call("Accessible", "GetRoleName")[0])

    def children(self) -> list["Node"]:
        (references,) = self._call("Accessible", "GetChildren")
        return [Node(self.bus, tuple(reference)) for reference in references if reference[1] != _NOBODY]

    def states(self) -> set[str]:
        ((low, high),) = self._call("Accessible", "GetState")
        bits = low | high << 32
        return {name for bit, name in _STATES.items() if bits >> bit & 1}

    def text(self) -> str:
        return str(self._call("Text", "GetText", "ii", 0, -1)[0])

    def value(self) -> float:
        return float(self._property("Value", "CurrentValue"))

    def rectangle(self) -> tuple[int, int, int, int]:
        """Return x, y, width and height on the screen."""
        x, y, width, height = self._call("Component", "GetExtents", "u", _SCREEN_COORDINATES)[0]
        return x, y, width, height

    def actions(self) -> list[str]:
        if _PREFIX + "Action" not in self._call("Accessible", "GetInterfaces")[0]:
            return []
        return [action[0] for action in self._call("Action", "GetActions")[0]]

    def do(self, action: str = "Press") -> None:
        """Do one of the `actions()`; LookupError when there is none of that name."""
        actions = self.actions()
        if action not in actions:
            raise LookupError(f"{self} cannot {action}, only {actions}")
        assert self._call("Action", "DoAction", "i", actions.index(action))[0]

    def labels(self) -> list["Node"]:
        """Return the labels that say what this is for."""
        (relations,) = self._call("Accessible", "GetRelationSet")
        targets = (target for kind, found in relations if kind == _LABELLED_BY for target in found)
        return [Node(self.bus, tuple(target)) for target in targets]

    def rows(self) -> list["Node"]:
        """Return the first cells of a table, also of rows that are scrolled out of sight."""
        return [self._row(row) for row in range(int(self._property("Table", "NRows")))]

    def selected_row(self) -> "Node":
        """Return the first cell of the selected row of a table; LookupError when none is."""
        (selected,) = self._call("Table", "GetSelectedRows")
        if not selected:
            raise LookupError(f"No row of {self} is selected")
        return self._row(selected[0])

    def take_focus(self) -> None:
        assert self._call("Component", "GrabFocus")[0]

    def walk(self) -> Iterator["Node"]:
        """Yield this node and everything below it that is showing; nothing shows within what is hidden."""
        try:
            if "showing" not in self.states():
                return
            yield self
            children = self.children()
        except Refused:  # it has gone meanwhile
            return
        for child in children:
            yield from child.walk()

    def find(
        self,
        role: str | None = None,
        name: str | None = None,
        *,
        identifier: str | None = None,
        containing: str | None = None,
        timeout: float = PATIENCE_SECONDS,
    ) -> "Node":
        """Return the first showing node below this one that fits all that is given, waiting for it.

        `identifier` is the widget's object name; `containing` a part of its name. LookupError after `timeout`
        seconds.
        """

        def fits(node: "Node") -> bool:
            return (
                (role is None or node.role() == role)
                and (name is None or node.name() == name)
                and (containing is None or containing in node.name())
                and (identifier is None or node.identifier().rpartition(".")[2] == identifier)
            )

        wanted = ", ".join(str(part) for part in (role, name, identifier, containing) if part is not None)
        try:
            return _first(lambda: filter(partial(_still, fits), self.walk()), timeout, wanted)
        except LookupError as error:
            error.add_note(f"There was:\n{self.outline()}")
            raise

    def outline(self) -> str:
        """Return what shows below this node as text, for a failing test to show."""
        return "\n".join(self._lines(0))

    def _lines(self, depth: int) -> Iterator[str]:
        try:
            if "showing" not in self.states():
                return
            states = ",".join(sorted(self.states() & {"focused", "checked", "selected"}))
            yield f"{'  ' * depth}{self.role()} {self.name()!r} {self.identifier().rpartition('.')[2]} {states}"
            for child in self.children():
                yield from child._lines(depth + 1)
        except Refused:
            return

    def _row(self, row: int) -> "Node":
        (reference,) = self._call("Table", "GetAccessibleAt", "ii", row, 0)
        return Node(self.bus, tuple(reference))

    def _call(self, interface: str, member: str, signature: str = "", *values: Any) -> Any:
        return self.bus.call(self.reference, _PREFIX + interface, member, signature, *values)

    def _property(self, interface: str, name: str) -> Any:
        properties = "org.freedesktop.DBus.Properties"
        ((_, value),) = self.bus.call(self.reference, properties, "Get", "ss", _PREFIX + interface, name)
        return value


def look_until(condition: Callable[[], bool], *, timeout: float = PATIENCE_SECONDS) -> None:
    """Return once what is looked at is as wanted; LookupError after `timeout` seconds.

    Looking costs the program time: it answers in its window's thread.
    """
    give_up = time.monotonic() + timeout
    while not _still(condition):
        if time.monotonic() > give_up:
            raise LookupError(f"Not seen within {timeout:g} s: {condition}")
        time.sleep(_LOOK_AGAIN_SECONDS)


def _still(condition: Callable[..., bool], *nodes: Node) -> bool:
    try:
        return condition(*nodes)
    except (Refused, LookupError):  # what was looked at has just gone
        return False


def _first(candidates: Callable[[], Iterator[Node]], timeout: float, wanted: str) -> Node:
    give_up = time.monotonic() + timeout
    while True:
        try:
            for node in candidates():
                return node
        except (Refused, ProcessLookupError):
            pass  # the tree changed while it was read: look again
        if time.monotonic() > give_up:
            raise LookupError(f"Not found within {timeout:g} s: {wanted}")
        time.sleep(_LOOK_AGAIN_SECONDS)


def _call(
    connection: DBusConnection,
    reference: tuple[str, str],
    interface: str,
    member: str,
    signature: str = "",
    *values: Any,
) -> Any:
    owner, path = reference
    message = new_method_call(DBusAddress(path, owner, interface), member, signature or None, values)
    reply = connection.send_and_get_reply(message, timeout=_REPLY_SECONDS)
    if reply.header.message_type == MessageType.error:
        raise Refused(f"{interface}.{member}: {reply.body}")
    return reply.body
