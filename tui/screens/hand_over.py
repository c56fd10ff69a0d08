"""Handing over: the projects of a butler, to choose from, and the form that gives them to another.

One act writes both assignments and the sheet; rights move with them. Next: ``store/commands/hand_over.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from store import commands, queries
from tui.data.form_values import FormValues
from tui.data.hand_over import HandOverPreview, HandOverSheet, preview_hand_over, with_sheet
from tui.data.rows import ServedProjectRow
from tui.i18n.translate import N_, _, ngettext
from tui.keys.actions import bindings_in
from tui.presenters.hand_over import hand_over_question, served_project_columns
from tui.presenters.projects import project_page
from tui.presenters.seat import unsent_text
from tui.screens.form import Form, FormState
from tui.screens.master_detail import MasterDetailScreen
from tui.screens.panels import Confirm
from tui.screens.questions import Questions, ask, find_questions, typed_values
from tui.screens.seat_snapshot import SeatSnapshotMixin
from tui.widgets.autocomplete import NameField
from tui.widgets.cells import single_line
from tui.widgets.columns import ListColumn
from tui.widgets.fields import FormField, TextField
from tui.widgets.page import PageBlock

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from store.queries.hand_over import ServedProject
    from tui.data.reader import Reader

NOTHING_LEFT = N_("No project is left here. Esc goes back.")


class HandOverScreen(MasterDetailScreen[ServedProjectRow]):
    """The projects of one butler, the page of the one under the cursor: those selected are handed over, or all."""

    key_scope = "hand_over"
    empty = NOTHING_LEFT
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("hand_over")]

    def __init__(self, giver: str, name: str) -> None:
        super().__init__()
        self._giver = giver
        self._name_of_giver = name

    def columns(self) -> Sequence[ListColumn[ServedProjectRow]]:
        """Number, name, open issues."""
        return served_project_columns()

    def body(self) -> Iterable[Widget]:
        """Whose projects, the list and the page."""
        yield Label(id="chosen", markup=False)
        yield from super().body()

    def written_kinds(self) -> Mapping[str, tuple[str, Verb]]:
        """Who serves a project."""
        return {"hand_over": ("assignment", "create")}

    def reload(self) -> None:
        """Read which projects are left."""
        giver = self._giver
        self.read_in_thread(
            lambda reader: reader.run(queries.hand_over.served_projects, giver, reader.thresholds().today), self._list
        )

    def _list(self, projects: Sequence[ServedProject]) -> None:
        rows = {each.project: ServedProjectRow(each) for each in projects}
        self.update_rows(list(rows.values()))
        count = ngettext("butler of {n} project", "butler of {n} projects", len(rows)).format(n=len(rows))
        hint = _("space selects some of them") if rows else ""
        text = "   ".join(filter(None, (self._name_of_giver, count, hint)))
        self.query_one("#chosen", Label).update(Content(" " + single_line(text)))

    def page_of(self, reader: Reader, row: ServedProjectRow, now_ms: int) -> Sequence[PageBlock]:
        """The project's page."""
        detail = reader.run(queries.projects.project, row.id, reader.thresholds())
        return [] if detail is None else project_page(detail, now_ms)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where nothing is left, nothing is handed over."""
        if action == "hand_over" and self.is_mounted and self.rows.row is None:
            return False
        return super().check_action(action, parameters)

    async def action_hand_over(self) -> None:
        """Hand over what is selected; nothing selected: all."""
        chosen = [row.id for row in self.rows.selected]
        await self.app.open_screen("hand_over_form", self._giver, *chosen)


class HandOverForm(Form, SeatSnapshotMixin):
    """To whom; then a question that says all of it, and enter. ``projects`` are those of the ``giver`` that change
    hands: none named, all."""

    first_field = "taker"

    def __init__(self, giver: str, *projects: str) -> None:
        super().__init__()
        self.giver = giver
        self.projects = projects

    @property
    def heading(self) -> str:
        """The act."""
        return _("Hand over")

    @property
    def draft_key(self) -> str:
        """One draft for what each butler hands over."""
        return f"hand_over:{self.giver}:{self.projects[0] if self.projects else ''}"

    def make_fields(self) -> Sequence[FormField]:
        """To whom; and the sheet's file, which has a usual name."""
        hint = N_("for another file than the usual: .docx, .xlsx …")
        return NameField("taker", N_("New butler"), "person"), TextField("file", N_("Sheet"), hint=hint)

    def on_mount(self) -> None:
        """Ready to type; meanwhile the central is asked what the giver has unsent."""
        super().on_mount()
        self.ask_for_accounts(lambda: None)

    def load_state(self, reader: Reader) -> FormState:
        """Who gives up how many."""
        (name,) = reader.run(queries.hand_over.names_of_people, [self.giver])
        served = reader.run(queries.hand_over.served_projects, self.giver, reader.thresholds().today)
        count = len({each.project for each in served if not self.projects or each.project in self.projects})
        projects = ngettext("{n} project", "{n} projects", count).format(n=count)
        return FormState({}, head=_("{projects} of {giver}").format(projects=projects, giver=name or "?"))

    def action_save(self) -> None:
        """Read what it would do, and ask; what was typed and is doubtful is asked back first."""
        if self._initial_state is None or self._saving or self._report_missing_fields():
            return
        taker, file = (field.submitted_value for field in self.fields)
        typed = typed_values(self.fields, self._answers)
        preview = partial(_preview, giver=self.giver, taker=taker, projects=self.projects, file=file)
        self.read_in_thread(lambda reader: find_questions(reader, typed) or preview(reader), self._ask, "preview")

    def _ask(self, outcome: Questions | tuple[HandOverPreview, frozenset[str]]) -> None:
        if isinstance(outcome, Questions):
            ask(self.app, outcome, self._answers, self.fields, self.action_save)
            return
        preview, ids = outcome
        now_ms = self.app.now_ms()
        unsent = unsent_text(self.app.seat_snapshot, ids, preview.plan.giver, now_ms)
        self.app.push_screen(Confirm(hand_over_question(preview, unsent, now_ms), super().action_save))

    def save(self, reader: Reader, values: FormValues) -> str:
        """Write both: the assignments and the sheet; returns what is said of it."""
        taker, file = str(values["taker"]), str(values.get("file") or "")
        preview = preview_hand_over(reader.writer.ledger, self.giver, taker, self.projects, file)
        sheet = HandOverSheet(reader.thresholds(), preview.file)
        giver, projects = self.giver, self.projects
        done = reader.writer.run(
            lambda ledger: with_sheet(
                ledger, lambda: commands.hand_over.hand_over(ledger, giver, taker, projects), sheet
            )
        )
        count = len(done.projects)
        text = ngettext("{n} project changed hands.", "{n} projects changed hands.", count).format(n=count)
        return " ".join((text, _("Hand-over sheet: {file}").format(file=sheet.path)))

    def after_save(self, line_id: str | None) -> None:
        """Say what changed hands, and where the sheet is."""
        self.app.show_message(line_id or self.saved_message())
        self.dismiss(None)


def _preview(
    reader: Reader, *, giver: str, taker: str, projects: Sequence[str], file: str
) -> tuple[HandOverPreview, frozenset[str]]:
    """What would be done, and under which ids accounts may know the giver."""
    preview = preview_hand_over(reader.writer.ledger, giver, taker, projects, file)
    merged = reader.run(queries.people.merged_records, "person", preview.plan.transfer.giver)
    return preview, frozenset((preview.plan.transfer.giver, *(line for line, _name in merged)))
