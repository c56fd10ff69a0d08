"""The ways to begin, each a form whose act is a command run as a process: join a central, work alone, see the demo.

What goes wrong is said in the form in the command's own sentences, as long as it matters; what was typed stays, also
for who leaves the form and comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label

from tui.data.messages import Answer, Failed
from tui.data.subprocess import Ran, run_command
from tui.exceptions import foreseen
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import N_, _, sentences, word
from tui.keys.actions import bindings
from tui.screens.base import Place, Saying
from tui.widgets.fields import ChoiceField, Field, TextField, values_of
from tui.widgets.page import Block, Paper, Passage

_DISTRICT = re.compile(r"[0-9]{6}")


class SetupForm(Place, Saying):
    """Fields, what they are for, and a command that is run with them."""

    place = "setup"
    CSS_PATH = "setup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("setup")]
    needs: ClassVar[Sequence[str]] = ()
    saying: ClassVar[str] = N_("Working")

    def __init__(self) -> None:
        super().__init__()
        self._busy = False

    # ── what each form says of itself ───────────────────────────────────────────────────────────────────────────

    @property
    def heading(self) -> str:
        """The form's title."""
        raise LookupError(f"{type(self).__name__} has no heading")

    def make_fields(self) -> Sequence[Field]:
        """The fields, in order."""
        raise LookupError(f"{type(self).__name__} has no fields")

    def about(self) -> Sequence[str]:
        """What there is to know before."""
        return ()

    def wrong(self) -> tuple[str, str] | None:
        """The field that cannot be as it is, and why."""
        return None

    def work(self, values: Mapping[str, Any]) -> Ran:
        """Run the command; called in a thread."""
        raise LookupError(f"{type(self).__name__} does nothing")

    async def done(self, ran: Ran) -> None:
        """It went well."""
        await self.app.enter_home()

    # ── the frame ───────────────────────────────────────────────────────────────────────────────────────────────

    def body(self) -> Iterable[Widget]:
        """Head, fields, what there is to say, and a page."""
        yield Label(Content(" " + self.heading), id="heading")
        with Vertical(id="fields"):
            yield from self.make_fields()
        yield Label(id="said")
        yield Paper(self._about(), id="page")

    def _about(self) -> list[Block]:
        return [Passage(text, "muted") for text in self.about()]

    def on_mount(self) -> None:
        """What was typed here before, ready to go on."""
        kept = self.app.typed.get(type(self).__name__, {})
        fields = self.query(Field)
        for field in fields:
            if kept.get(field.key):
                field.put(kept[field.key])
        fields.first(Field).enter()

    # ── doing ───────────────────────────────────────────────────────────────────────────────────────────────────

    @on(Input.Submitted)
    def next_field(self, event: Input.Submitted) -> None:
        """Enter: the next field that is needed and empty, or else do it."""
        empty = self._empty()
        if empty and event.input is not empty[0].query_one(Input):
            empty[0].enter()
        else:
            self.action_carry_out()

    def _empty(self) -> list[Field]:
        return [field for field in self.query(Field) if field.key in self.needs and not field.value]

    def action_carry_out(self) -> None:
        """Do it."""
        if self._busy:
            return
        if empty := self._empty():
            labels = _(", ").join(_(field.label) for field in empty)
            self.said(_("Please fill in: {fields}.").format(fields=labels), bad=True)
            for field in self.query(Field):
                field.wrong(field in empty)
            empty[0].enter()
            return
        if (wrong := self.wrong()) is not None:
            name, why = wrong
            self.said(why, bad=True)
            for field in self.query(Field):
                field.wrong(field.key == name)
            self.query_one(f"#field-{name}", Field).enter()
            return
        self._keep()
        self._busy = True
        self.said(_(self.saying))
        self.run_worker(partial(self._run, values_of(self.query(Field))), thread=True, group="setup")

    def _run(self, values: Mapping[str, Any]) -> None:
        try:
            ran = self.work(values)
        except Exception as error:
            self.post_message(Failed(foreseen(error, self.app.home)))
            return
        self.post_message(Answer(partial(self._ended, ran)))

    def _ended(self, ran: Ran) -> None:
        self._busy = False
        if ran.error is not None:
            self.said("\n".join(part for part in ran.error if part), bad=True)
        else:
            self.said("")
            self.app.call_later(self.done, ran)

    def on_failed(self, message: Failed) -> None:
        """What nobody foresaw."""
        message.stop()
        self._busy = False
        self.said("\n".join(sentences(message.error)), bad=True)

    def _keep(self) -> None:
        self.app.typed[type(self).__name__] = values_of(self.query(Field))

    def action_back(self) -> None:
        """Back; what was typed is here when one returns."""
        self._keep()
        self.dismiss()


class JoinForm(SetupForm):
    """An address and a code become a ledger of one's own in the district."""

    needs = ("address", "code")
    saying = N_("Asking the central")

    @property
    def heading(self) -> str:
        """The form's title."""
        return _("Join a central")

    def make_fields(self) -> Sequence[Field]:
        """Where, and by which code."""
        return (
            TextField("address", N_("Address"), hint=N_("https://central.example.gov.cn")),
            TextField("code", N_("Code"), hint=N_("from your bureau, good once and for ten minutes")),
        )

    def about(self) -> Sequence[str]:
        """What joining does."""
        return (
            _("Your bureau knows the address of its central and makes a code in your name."),
            _("A ledger that worked alone keeps all its lines; they are sent with the first round."),
        )

    def work(self, values: Mapping[str, Any]) -> Ran:
        """Join."""
        arguments = ("join", values["address"], "--code", values["code"])
        return run_command(self.app.command, self.app.home, arguments)

    async def done(self, ran: Ran) -> None:
        """Open it, and bring what may be seen."""
        self.app.typed.pop(type(self).__name__, None)
        await self.app.enter_home()
        roles = _(", ").join(word("role", str(role["role"])) for role in ran.value["roles"])
        self.app.say(_("Joined as {name}: {roles}.").format(name=ran.value["person_name"], roles=roles))
        self.app.action_sync_now()


class AloneForm(SetupForm):
    """A ledger that works alone until it joins a central."""

    needs = ("district", "name")
    saying = N_("Making the ledger")

    def wrong(self) -> tuple[str, str] | None:
        """A code that no central of the district would have: the ledger could never join."""
        code = self.query_one("#field-district", Field).value
        if _DISTRICT.fullmatch(code):
            return None
        return "district", _("A district’s code has six digits, such as 210903.")

    @property
    def heading(self) -> str:
        """The form's title."""
        return _("Work alone for now")

    def make_fields(self) -> Sequence[Field]:
        """Where and who."""
        return (
            TextField("district", N_("District code"), hint=N_("six digits, such as 210903")),
            TextField("district_name", N_("District"), hint=N_("its name; may stay empty")),
            TextField("name", N_("Your name")),
            ChoiceField("role", N_("Role"), FAMILIES["role"], lambda role: word("role", role)),
        )

    def about(self) -> Sequence[str]:
        """What it means."""
        return (
            _("The ledger is kept on this device, encrypted. Nothing is sent to anybody."),
            _("When there is a central, join it with the code of the same district: every line is kept."),
        )

    def work(self, values: Mapping[str, Any]) -> Ran:
        """Make the ledger."""
        arguments = ["init", "--district", values["district"], "--name", values["name"], "--role", values["role"]]
        if values["district_name"]:
            arguments += ["--district-name", values["district_name"]]
        return run_command(self.app.command, self.app.home, arguments)

    async def done(self, ran: Ran) -> None:
        """Open it, and offer to take a table in."""
        self.app.typed.pop(type(self).__name__, None)
        await self.app.enter_home()
        self.app.say(_("Your ledger is ready. Take in the responsibility table now, or leave that for later with Esc."))
        await self.app.go("import_table")


class DemoForm(SetupForm):
    """The sample district: made by the demo's command, which tells what it does; then laptop A is opened."""

    saying = N_("Making the sample district. This takes a minute.")

    def __init__(self) -> None:
        super().__init__()
        self._told: list[str] = []

    @property
    def heading(self) -> str:
        """The form's title."""
        return _("Look around in a sample district")

    def make_fields(self) -> Sequence[Field]:
        """Where it is made."""
        return (TextField("folder", N_("Folder"), hint=N_("empty: a temporary one, removed when you leave")),)

    def about(self) -> Sequence[str]:
        """What it is."""
        return (
            _("A central, two laptops and a year of made-up work. None of it touches a ledger of yours."),
            _("Enter begins; its story is told here, then laptop A opens."),
        )

    def work(self, values: Mapping[str, Any]) -> Ran:
        """Play the demo in the folder."""
        from tui.data.sample_district import SampleDistrict  # noqa: PLC0415 - only for who looks at it

        made = SampleDistrict(self.app.command, Path(values["folder"]).expanduser() if values["folder"] else None)
        ran = made.play(self._told_in_thread)
        if ran.error is None:
            self.app.at_end.append(made.end)
            return ran._replace(value=made.laptop)
        made.end()
        return ran

    def _told_in_thread(self, line: str) -> None:
        self.post_message(Answer(partial(self._hear, line)))

    def _hear(self, line: str) -> None:
        self._told.append(line)
        page = self.query_one("#page", Paper)
        page.show([*self._about(), *(Passage(text) for text in self._told)])
        page.scroll_end(animate=False)

    async def done(self, ran: Ran) -> None:
        """Open laptop A."""
        await self.app.enter_home(ran.value)
        self.app.say(_("This is laptop A of the sample district; nothing here is real."))
