"""Meet colleagues without a network: show a code, type one, or a stick. Each runs ``guanjia meet``."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from tui.data.messages import ResultReady
from tui.data.subprocess import CommandResult, run_command
from tui.i18n.meeting_text import met_text
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings_in
from tui.presenters.large_text import large_code
from tui.screens.bars import KeyBar
from tui.screens.base import Panel
from tui.screens.panels import Menu, MenuItem
from tui.screens.setup import SetupForm
from tui.widgets.fields import TextField
from tui.widgets.page import BlankLine, PageBlock, PageTitle, PageView, Passage
from tui.widgets.path_field import PathField, expand_path

if TYPE_CHECKING:
    from tui.data.form_values import FormValues
    from tui.widgets.fields import FormField

SHOWN = 3
"""So many of those who came last are shown."""


class MeetMenu(Menu):
    """In which way to meet."""

    def __init__(self) -> None:
        choices = (
            MenuItem("host_panel", _("Show a code"), "s", _("the others type it")),
            MenuItem("guest_form", _("Type a code"), "t", _("that another screen shows")),
            MenuItem("meet_by_stick_form", _("By a stick"), "f", _("each twice, in any order")),
        )
        super().__init__(_("Share unsent work with colleagues in the room"), choices)

    async def run_item(self, item: MenuItem) -> None:
        """On to the form, or the code."""
        await self.app.open_screen(item.id)


class HostPanel(Panel):
    """A meeting that this device holds: its code, and who has come. Closing the panel ends it."""

    key_scope = "host"
    CSS_PATH = "panels.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("host")]

    def __init__(self) -> None:
        super().__init__()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ending = False
        self._code, self._address = "", ""
        self._met: list[Mapping[str, object]] = []

    def compose(self) -> ComposeResult:
        """The code, and below it who has come."""
        with Vertical(classes="panel -host"):
            yield PageView([Passage(_("One moment"), "muted")], id="question")
            yield KeyBar(self.key_scope)

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._hold, thread=True, group="follow")

    def on_unmount(self) -> None:
        """However the panel goes, the meeting ends with it."""
        self._end()

    def _hold(self) -> None:
        arguments = ("meet", "--ndjson")
        result = run_command(
            self.app.program_command, self.app.home, arguments, self._note_line, on_start=self._note_process
        )
        self.post_message(ResultReady(partial(self._handle_ended, result)))

    def _note_process(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        if self._is_ending:
            self._end()

    def _note_line(self, line: str) -> None:
        """An event of the meeting; called in the thread that reads them."""
        try:
            event = json.loads(line)
        except ValueError:
            return
        if isinstance(event, dict):
            self.post_message(ResultReady(partial(self._show_event, event)))

    def _show_event(self, event: Mapping[str, object]) -> None:
        if event.get("event") == "open":
            self._code, self._address = str(event.get("code")), str(event.get("address"))
        elif event.get("event") == "met":
            self._met.append(event)
        self.query_one("#question", PageView).show(self._blocks())

    def _blocks(self) -> list[PageBlock]:
        blocks: list[PageBlock] = [*large_code(self._code), BlankLine()]
        blocks.append(PageTitle(f"{self._code}   {self._address}"))
        if not self._met:
            blocks.append(Passage(_("The others press M on 6, and type this code. Nobody has come yet."), "muted"))
        return [*blocks, *(Passage(met_text(each)) for each in self._met[-SHOWN:])]

    def _handle_ended(self, result: CommandResult) -> None:
        """The command has ended: by ``action_back``, or since it cannot hold a meeting."""
        if result.error is not None and not self._is_ending:
            self.app.show_message("\n".join(part for part in result.error if part), warning=True)
            self.dismiss()

    def _end(self) -> None:
        """End the command; it waits for guests who have come."""
        self._is_ending = True
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT if sys.platform != "win32" else signal.SIGTERM)

    def action_back(self) -> None:
        """The meeting is over."""
        self._end()
        self.app.show_message(_("The meeting is over."))
        self.dismiss()


class GuestForm(SetupForm):
    """The code of a meeting that another device holds."""

    required_fields = ("code",)
    progress_text = N_("Looking for the meeting")

    @property
    def heading(self) -> str:
        """The form's title."""
        return _("Come to a meeting")

    def make_fields(self) -> Sequence[FormField]:
        """The code; an address only where the code leads nowhere."""
        return (
            TextField("code", N_("Meeting code"), hint=N_("as the other screen shows it: four groups of four")),
            TextField("address", N_("Address"), hint=N_("only where the code leads nowhere, such as 192.168.1.5:7421")),
        )

    def about(self) -> Sequence[str]:
        """What is exchanged."""
        return (
            _("Each gets of the other what is unsent and its roles may see; nothing about people’s phones."),
            _("What is taken in is provisional until the central has judged it."),
        )

    def run_command(self, values: FormValues) -> CommandResult:
        """Come in."""
        address = str(values.get("address") or "").strip()
        arguments = ("meet", str(values["code"]), *([address] if address else []))
        return run_command(self.app.program_command, self.app.home, arguments)

    async def after_success(self, result: CommandResult) -> None:
        """Say whom one met."""
        await _tell_of_met(self, result)


class MeetByStickForm(SetupForm):
    """A folder, as of a stick, that goes round."""

    required_fields = ("path",)
    progress_text = N_("Reading and writing the files")

    @property
    def heading(self) -> str:
        """The form's title."""
        return _("Meet by a stick")

    def make_fields(self) -> Sequence[FormField]:
        """Where it is."""
        return (PathField("path", N_("Folder"), (), hint=N_("such as a stick; Tab completes it")),)

    def about(self) -> Sequence[str]:
        """How it goes round."""
        return (
            _("The stick goes round twice: the first time each shows who it is, the second time all get their files."),
            _("What is taken in is provisional until the central has judged it."),
        )

    def run_command(self, values: FormValues) -> CommandResult:
        """Meet."""
        path = expand_path(str(values["path"]))
        return run_command(self.app.program_command, self.app.home, ("meet", "--folder", path))

    async def after_success(self, result: CommandResult) -> None:
        """Say whom one met."""
        await _tell_of_met(self, result)


async def _tell_of_met(form: SetupForm, result: CommandResult) -> None:
    told = result.value if isinstance(result.value, dict) else {}
    said = [met_text(each) for each in told.get("met") or []]
    label = _("Refused")
    refused = [f"{label}: {each['file']}" for each in told.get("refused") or []]
    form.app.pending_drafts.pop(type(form).__name__, None)
    form.dismiss()
    nobody = _("Nobody else has been here yet. This device’s card is there: do it again once others have.")
    form.app.show_message("\n".join([*said, *refused]) or nobody, warning=bool(refused))
