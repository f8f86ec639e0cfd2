"""The screen of mftop, made with Textual (https://textual.textualize.io)."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Footer, Static

from mfplatform.state.home import PlatformError
from mfplatform.top.call import call
from mfplatform.top.figures import NOTHING, milliseconds, per_second, sparkline
from mfplatform.top.look import CareRow, Look, ServiceRow

PERIOD_SECONDS = 2.0
COLUMNS = (
    *("service", "version", "ready", "restarts", "clients", "at once"),
    *("requests/s", "p95", "errors/s", "requests"),
)


def cells(row: ServiceRow) -> tuple[str, ...]:
    """Return what the table shows of a service."""
    return (
        row.name,
        ", ".join(row.versions),
        f"{row.ready} of {len(row.instances)}",
        str(row.restarts),
        NOTHING if row.clients is None else str(row.clients),
        str(row.at_once),
        per_second(row.rates.requests),
        milliseconds(row.rates.p95_ms),
        per_second(row.rates.errors),
        sparkline(row.history),
    )


def cared(row: CareRow) -> str:
    """Return what the caretaker did, in a line."""
    when = time.strftime("%H:%M:%S", time.localtime(row.at))
    return f"Caretaker at {when}: {row.command} ({row.outcome}): {row.why}"


def headline(look: Look) -> str:
    """Return what is said above the table."""
    lines = (
        f"MicroFlack at {look.url}/   disk {look.disk_used:.0%} full",
        look.upgrade or "No upgrade is under way.",
        "; ".join(look.troubles) or "All parts of the platform are running.",
        *map(cared, look.care[-1:]),
    )
    return "\n".join(lines)


class Screen(App[None]):
    """Shows one look after the other, and calls the mf* commands for a person.

    :param look: makes one; may take its time, and raises PlatformError.
    """

    # Nothing is hidden behind a palette of commands.
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "call('mfrun')", "one more"),
        Binding("minus", "stop_newest", "one less"),
        Binding("u", "call('mfupgrade roll')", "roll"),
        Binding("b", "call('mfupgrade rollback')", "back"),
        Binding("a", "abort", "abort"),
        Binding("l", "call('mflogs')", "logs"),
        Binding("q", "quit", "quit"),
    ]
    CSS = "#head { padding: 0 1 1 1; } DataTable { height: 1fr; }"

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look
        self._shown: tuple[ServiceRow, ...] = ()

    def compose(self) -> ComposeResult:
        """Return what the screen consists of."""
        yield Static("Looking ...", id="head")
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        """Begin to look."""
        table = self.query_one(DataTable)
        for column in COLUMNS:
            table.add_column(column, key=column)
        self.set_interval(PERIOD_SECONDS, self.renew)
        self.renew()

    @work(thread=True, exclusive=True)
    def renew(self) -> None:
        """Look, without holding up the keyboard."""
        try:
            look = self._look()
        except (PlatformError, OSError) as error:
            self.call_from_thread(self._say, str(error))
        else:
            self.call_from_thread(self._show, look)

    def _say(self, text: str) -> None:
        self.query_one("#head", Static).update(text)

    def _show(self, look: Look) -> None:
        self._say(headline(look))
        table = self.query_one(DataTable)
        names = [row.name for row in look.services]
        if names != [row.name for row in self._shown]:
            table.clear()
            for row in look.services:
                table.add_row(*cells(row), key=row.name)
        for row in look.services:
            for column, cell in zip(COLUMNS, cells(row), strict=True):
                table.update_cell(row.name, column, cell, update_width=True)
        self._shown = look.services

    @property
    def chosen(self) -> ServiceRow | None:
        """The service under the cursor."""
        row = self.query_one(DataTable).cursor_row
        return self._shown[row] if row < len(self._shown) else None

    def action_call(self, what: str) -> None:
        """Call a command for the service under the cursor."""
        if self.chosen:
            self._call(*what.split(), self.chosen.name)

    def action_stop_newest(self) -> None:
        """Stop its youngest instance, but not the last one."""
        if self.chosen is None:
            return
        if len(self.chosen.instances) > 1:
            self._call("mfkill", self.chosen.instances[-1].name)
        else:
            self.notify("The last instance stays. To stop it: mfkill")

    def action_abort(self) -> None:
        """Undo the upgrade that is under way."""
        self._call("mfupgrade", "abort")

    def _call(self, command: str, *arguments: str) -> None:
        """Leave the screen to a command, and come back when a key is pressed."""
        program = Path(os.environ["MF_ADMIN"]) / "bin" / command
        with self.suspend():
            call(program, arguments)
        self.renew()
