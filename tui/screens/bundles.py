"""Sync by files, on the screen: write a file for the central, take its answer in. Both run the command of that name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui.data.subprocess import EXIT_ATTENTION, CommandResult, run_command
from tui.i18n.translate import N_, _, ngettext
from tui.screens.panels import Notice
from tui.screens.setup import SetupForm
from tui.widgets.page import PageTitle, Passage
from tui.widgets.path_field import PathField, expand_path

if TYPE_CHECKING:
    from tui.data.form_values import FormValues
    from tui.widgets.fields import FormField

SUFFIX = ".gjb"


class ExportBundleForm(SetupForm):
    """A folder, as of a stick, into which the file for the central is written."""

    required_fields = ("path",)
    progress_text = N_("Writing the file")

    @property
    def heading(self) -> str:
        """The form's title."""
        return _("Write a file for the central")

    def make_fields(self) -> Sequence[FormField]:
        """Where it goes."""
        return (PathField("path", N_("Folder"), (SUFFIX,), hint=N_("such as a stick; Tab completes it")),)

    def about(self) -> Sequence[str]:
        """What the file is."""
        return (
            _("What is unsent goes into one file that only the central can read. Bring it there, or let a colleague."),
            _("The lines stay here, unsent, until the central’s answer has come. A file that is lost loses nothing."),
            _("What you carry for others is written there too."),
        )

    def run_command(self, values: FormValues) -> CommandResult:
        """Write it."""
        path = expand_path(str(values["path"]))
        return run_command(self.app.program_command, self.app.home, ("bundle", "export", path))

    async def after_success(self, result: CommandResult) -> None:
        """Say where it is."""
        self.app.pending_drafts.pop(type(self).__name__, None)
        name, lines = Path(result.fact("file")).name, int(result.fact("lines") or 0)
        text = ngettext("Written: {name}, {n} line.", "Written: {name}, {n} lines.", lines)
        self.dismiss()
        self.app.show_message(text.format(name=name, n=lines))


class ImportBundleForm(SetupForm):
    """A folder or a file with the central's answer."""

    required_fields = ("path",)
    progress_text = N_("Taking it in")

    @property
    def heading(self) -> str:
        """The form's title."""
        return _("Take in the central’s answer")

    def make_fields(self) -> Sequence[FormField]:
        """Where it is."""
        return (PathField("path", N_("Folder or file"), (SUFFIX,), hint=N_("such as a stick; Tab completes it")),)

    def about(self) -> Sequence[str]:
        """What is taken in."""
        return (
            _("Of a folder all answers for this device are taken in, each once, in whatever order they come."),
            _("What is there for others is taken along: the next round over a network hands it in."),
        )

    def run_command(self, values: FormValues) -> CommandResult:
        """Take it in."""
        path = expand_path(str(values["path"]))
        return run_command(self.app.program_command, self.app.home, ("bundle", "import", path))

    async def after_success(self, result: CommandResult) -> None:
        """Say what it brought, and of each file what a person should know, where there is something."""
        self.app.pending_drafts.pop(type(self).__name__, None)
        told = result.value if isinstance(result.value, dict) else {}
        answers, refused = told.get("answers") or [], told.get("refused") or []
        said = [str(each["what"]) for each in (*answers, *refused)]
        if refused and not (answers or told.get("joined")):
            self.show_message("\n".join(said), bad=True)
            return
        self.dismiss()
        if told.get("joined"):
            await self.app.switch_home()
        self.app.show_message(taken_text(answers, int(told.get("carried") or 0), told.get("files") or []))
        if said and result.code == EXIT_ATTENTION:
            await self.app.push_screen(Notice([PageTitle(self.heading), *map(Passage, said)]))


def taken_text(answers: Sequence[dict[str, object]], carried: int, files: Sequence[dict[str, object]] = ()) -> str:
    """What the answers brought, in a sentence."""
    pushed, pulled = (sum(int(str(each[name])) for each in answers) for name in ("pushed", "pulled"))
    text = "" if files else _("No answer for this device is there.")
    if answers:
        text = _("Sent {pushed}, received {pulled}.").format(pushed=pushed, pulled=pulled)
    if files:
        confirmed, received = (sum(int(str(each[name])) for each in files) for name in ("confirmed", "received"))
        came = _("Attached files: the central has {confirmed} by now, {received} came here.")
        text = f"{text} {came.format(confirmed=confirmed, received=received)}".strip()
    if carried:
        others = ngettext("Taken along for others: {n} file.", "Taken along for others: {n} files.", carried)
        text += " " + others.format(n=carried)
    return text
