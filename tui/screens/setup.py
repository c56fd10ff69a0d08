"""The ways to begin, each a form that runs a command as a child process: join a central, work alone, see the demo.

An error is shown in the form in the command's own sentences; what was typed stays, also after the form was left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label

from tui.data.form_values import FormValues
from tui.data.messages import ErrorReported, ResultReady
from tui.data.subprocess import CommandResult, run_command
from tui.exceptions import to_guanjia_error
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import N_, _, error_text, value_label
from tui.keys.actions import bindings_in
from tui.screens.base import BaseScreen, MessageLineMixin
from tui.screens.panels import Confirm
from tui.widgets.fields import ChoiceField, FormField, TextField, values_of
from tui.widgets.page import BlankLine, PageBlock, PageTitle, PageView, Passage

_DISTRICT = re.compile(r"[0-9]{6}")
_NO_KEYRING = ("no_keyring", "forgetful_keyring")
"""What a command ends with where nothing but a file can keep the key."""


class SetupForm(BaseScreen, MessageLineMixin):
    """Fields, what they are for, and a command that is run with them."""

    key_scope = "setup"
    CSS_PATH = "setup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("setup")]
    required_fields: ClassVar[Sequence[str]] = ()
    progress_text: ClassVar[str] = N_("Working")

    def __init__(self) -> None:
        super().__init__()
        self._busy = False
        self._keeps_key_in_file = False

    # ── what each form says of itself ───────────────────────────────────────────────────────────────────────────

    @property
    def heading(self) -> str:
        """The form's title."""
        raise LookupError(f"{type(self).__name__} has no heading")

    def make_fields(self) -> Sequence[FormField]:
        """The fields, in order."""
        raise LookupError(f"{type(self).__name__} has no fields")

    def about(self) -> Sequence[str]:
        """What there is to know before."""
        return ()

    def validation_error(self) -> tuple[str, str] | None:
        """The field that cannot be as it is, and why."""
        return None

    def run_command(self, values: FormValues) -> CommandResult:
        """Run the command; called in a thread."""
        raise LookupError(f"{type(self).__name__} does nothing")

    async def after_success(self, result: CommandResult) -> None:
        """The command succeeded."""
        await self.app.switch_home()

    # ── the frame ───────────────────────────────────────────────────────────────────────────────────────────────

    def body(self) -> Iterable[Widget]:
        """Heading, fields, a line for messages, and a page."""
        yield Label(Content(" " + self.heading), id="heading")
        with Vertical(id="fields"):
            yield from self.make_fields()
        yield Label(id="said")
        yield PageView(self._about(), id="page")

    def _about(self) -> list[PageBlock]:
        return [Passage(text, "muted") for text in self.about()]

    def on_mount(self) -> None:
        """What was typed here before, ready to go on."""
        cached = self.app.pending_drafts.get(type(self).__name__, {})
        fields = self.query(FormField)
        for field in fields:
            if cached.get(field.key):
                field.put(cached[field.key])
        fields.first(FormField).focus_control()

    # ── doing ───────────────────────────────────────────────────────────────────────────────────────────────────

    @on(Input.Submitted)
    def next_field(self, event: Input.Submitted) -> None:
        """Enter: the next field that is needed and empty, or else do it."""
        empty = self._missing_fields()
        if empty and event.input is not empty[0].query_one(Input):
            empty[0].focus_control()
        else:
            self.action_carry_out()

    def _missing_fields(self) -> list[FormField]:
        return [field for field in self.query(FormField) if field.key in self.required_fields and not field.value]

    def action_carry_out(self) -> None:
        """Do it."""
        if self._busy:
            return
        if empty := self._missing_fields():
            labels = _(", ").join(_(field.label) for field in empty)
            self.show_message(_("Please fill in: {fields}.").format(fields=labels), bad=True)
            for field in self.query(FormField):
                field.mark_invalid(field in empty)
            empty[0].focus_control()
            return
        if (wrong := self.validation_error()) is not None:
            name, why = wrong
            self.show_message(why, bad=True)
            for field in self.query(FormField):
                field.mark_invalid(field.key == name)
            self.query_one(f"#field-{name}", FormField).focus_control()
            return
        self._remember_typed()
        self._busy = True
        self.show_message(_(self.progress_text))
        self.run_worker(partial(self._run, values_of(self.query(FormField))), thread=True, group="setup")

    def _run(self, values: FormValues) -> None:
        try:
            ran = self.run_command(values)
        except Exception as error:
            self.post_message(ErrorReported(to_guanjia_error(error, self.app.home)))
            return
        self.post_message(ResultReady(partial(self._handle_ended, ran)))

    def _handle_ended(self, result: CommandResult) -> None:
        self._busy = False
        if result.error_code in _NO_KEYRING and not self._keeps_key_in_file:
            self.show_message("")
            self.app.push_screen(Confirm(_key_file_question(), self._keep_key_in_file))
        elif result.error is not None:
            self.show_message("\n".join(part for part in result.error if part), bad=True)
        else:
            self.show_message("")
            self.app.call_later(self.after_success, result)

    def on_error_reported(self, message: ErrorReported) -> None:
        """Show an unexpected error."""
        message.stop()
        self._busy = False
        self.show_message("\n".join(error_text(message.error)), bad=True)

    def _keep_key_in_file(self) -> None:
        self._keeps_key_in_file = True
        self.action_carry_out()

    @property
    def variables(self) -> dict[str, str]:
        """What a command that makes a home needs in its environment: the place of the key, where it was agreed on."""
        return {"GUANJIA_CREDENTIALS": "file"} if self._keeps_key_in_file else {}

    def _remember_typed(self) -> None:
        self.app.pending_drafts[type(self).__name__] = values_of(self.query(FormField))

    def action_back(self) -> None:
        """Back; what was typed is here when one returns."""
        self._remember_typed()
        self.dismiss()


def _key_file_question() -> list[PageBlock]:
    """Where no keyring keeps the key: a file instead?"""
    return [
        PageTitle(_("Keep the key in a file that only you can read?")),
        BlankLine(),
        Passage(_("This device has no keyring, in which the key of the encrypted ledger would lie.")),
        Passage(_("Whoever gets hold of the file and the ledger can read it: guard this device.")),
        Passage(_("Nothing has been written yet."), "muted"),
    ]


class JoinForm(SetupForm):
    """An address and a code become a ledger of one's own in the district."""

    required_fields = ("address", "code")
    progress_text = N_("Asking the central")

    def __init__(self) -> None:
        super().__init__()
        self._agreed_code = ""

    @property
    def heading(self) -> str:
        """The form's title."""
        return _("Join a central")

    def make_fields(self) -> Sequence[FormField]:
        """Where, and by which code."""
        return (
            TextField("address", N_("Address"), hint=N_("https://central.example.gov.cn")),
            TextField("code", N_("Join code"), hint=N_("from your bureau, good once")),
        )

    def about(self) -> Sequence[str]:
        """What joining does."""
        return (
            _("Your bureau knows the address of its central and makes a code in your name."),
            _("A ledger that worked alone keeps all its lines; they are sent with the first round."),
        )

    def run_command(self, values: FormValues) -> CommandResult:
        """Ask what joining would do; join where nothing has to be asked, or was agreed to for this code."""
        address, code = str(values["address"]), str(values["code"])
        run = partial(run_command, self.app.program_command, self.app.home, typed=code, variables=self.variables)
        if self._agreed_code != code:
            plan = run(("join", address, "--check"))
            if plan.error is not None or plan.fact("former_name") or plan.fact("text"):
                return plan
        return run(("join", address, *(("--hand-over",) if self._agreed_code == code else ())))

    def _agree(self) -> None:
        self._agreed_code = str(self.query_one("#field-code", FormField).value)
        self.action_carry_out()

    async def after_success(self, result: CommandResult) -> None:
        """Open it, and bring what may be seen; or ask, where joining would hand the home over or lines need the
        bureau."""
        if isinstance(result.value, dict) and "former_name" in result.value:
            self.app.push_screen(Confirm(_join_question(result), self._agree))
            return
        self.app.pending_drafts.pop(type(self).__name__, None)
        await self.app.switch_home()
        facts = result.value if isinstance(result.value, dict) else {}
        roles = _(", ").join(value_label("role", str(role["role"])) for role in facts["roles"])
        self.app.show_message(_("Joined as {name}: {roles}.").format(name=facts["person_name"], roles=roles))
        self.app.action_sync_now()


def _join_question(plan: CommandResult) -> list[PageBlock]:
    """What joining would do, as a question."""
    blocks: list[PageBlock] = [PageTitle(_("Join as {name}?").format(name=plan.fact("name")))]
    if former := plan.fact("former_name"):
        text = _("This home is {ours}'s until now: joining would hand it over.").format(ours=former)
        blocks += [Passage(text), Passage(_("What was not sent yet is then sent under {name}'s name.").format(
            name=plan.fact("name")
        ))]  # fmt: skip
    if text := plan.fact("text"):
        blocks += [BlankLine(), Passage(text)]
    return blocks


class StandaloneForm(SetupForm):
    """A ledger that works alone until it joins a central."""

    required_fields = ("district", "name")
    progress_text = N_("Making the ledger")

    def validation_error(self) -> tuple[str, str] | None:
        """A code that no central of the district would have: the ledger could never join."""
        code = self.query_one("#field-district", FormField).value
        if _DISTRICT.fullmatch(code):
            return None
        return "district", _("A district’s code has six digits, such as 210903.")

    @property
    def heading(self) -> str:
        """The form's title."""
        return _("Work alone for now")

    def make_fields(self) -> Sequence[FormField]:
        """Where and who."""
        return (
            TextField("district", N_("District code"), hint=N_("six digits, such as 210903")),
            TextField("district_name", N_("District"), hint=N_("its name; may stay empty")),
            TextField("name", N_("Your name")),
            ChoiceField("role", N_("Role"), FAMILIES["role"], lambda role: value_label("role", role)),
        )

    def about(self) -> Sequence[str]:
        """What it means."""
        return (
            _("The ledger is kept on this device, encrypted. Nothing is sent to anybody."),
            _("When there is a central, join it with the code of the same district: every line is kept."),
            _("Only its key opens the ledger: afterwards make a copy with “guanjia backup FILE --key-file KEYFILE”."),
        )

    def run_command(self, values: FormValues) -> CommandResult:
        """Make the ledger."""
        district, name, role = (str(values[field]) for field in ("district", "name", "role"))
        arguments = ["init", "--district", district, "--name", name, "--role", role]
        if values["district_name"]:
            arguments += ["--district-name", str(values["district_name"])]
        return run_command(self.app.program_command, self.app.home, arguments, variables=self.variables)

    async def after_success(self, result: CommandResult) -> None:
        """Open it, and offer to take a table in."""
        self.app.pending_drafts.pop(type(self).__name__, None)
        await self.app.switch_home()
        self.app.show_message(
            _("Your ledger is ready. Take in the responsibility table now, or leave that for later with Esc.")
        )
        await self.app.open_screen("import_table")


class DemoForm(SetupForm):
    """The sample district: made by the demo command, whose output is shown; then laptop A is opened."""

    progress_text = N_("Making the sample district. This takes a minute.")

    def __init__(self) -> None:
        super().__init__()
        self._progress_lines: list[str] = []

    @property
    def heading(self) -> str:
        """The form's title."""
        return _("Look around in a sample district")

    def make_fields(self) -> Sequence[FormField]:
        """Where it is made."""
        return (TextField("folder", N_("Folder"), hint=N_("empty: a temporary one, removed when you leave")),)

    def about(self) -> Sequence[str]:
        """What it is."""
        return (
            _("A central, two laptops and a year of made-up work. None of it touches a ledger of yours."),
            _("Enter begins; its story is told here, then laptop A opens."),
        )

    def run_command(self, values: FormValues) -> CommandResult:
        """Play the demo in the folder."""
        from tui.data.sample_district import SampleDistrict  # noqa: PLC0415 - only for who looks at it

        sample = SampleDistrict(
            self.app.program_command, Path(str(values["folder"])).expanduser() if values["folder"] else None
        )
        result = sample.create(self._handle_output_in_thread)
        if result.error is None:
            self.app.exit_callbacks.append(sample.close)
            return result._replace(value=sample.laptop_home)
        sample.close()
        return result

    def _handle_output_in_thread(self, line: str) -> None:
        self.post_message(ResultReady(partial(self._handle_output, line)))

    def _handle_output(self, line: str) -> None:
        self._progress_lines.append(line)
        page = self.query_one("#page", PageView)
        page.show([*self._about(), *(Passage(text) for text in self._progress_lines)])
        page.scroll_end(animate=False)

    async def after_success(self, result: CommandResult) -> None:
        """Open laptop A."""
        await self.app.switch_home(result.value if isinstance(result.value, Path) else None)
        self.app.show_message(_("This is laptop A of the sample district; nothing here is real."))
