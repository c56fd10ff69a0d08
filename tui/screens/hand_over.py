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
from store.ledger.line import derived_id
from tui.data.form_values import FormValues
from tui.data.hand_over import HandOverPreview, HandOverSheet, preview_hand_over, with_sheet
from tui.data.rows import ServedProjectRow
from tui.i18n.translate import N_, _, ngettext
from tui.keys.actions import bindings_in
from tui.presenters.hand_over import hand_over_question, served_project_columns
from tui.presenters.projects import project_page
from tui.presenters.seat import unsent_text
from tui.screens.form import Form
from tui.screens.form_state import FormState
from tui.screens.master_detail import MasterDetailScreen
from tui.screens.panels import Confirm
from tui.screens.questions import Questions, ask, find_questions, typed_values
from tui.screens.seat_snapshot import SeatSnapshotMixin
from tui.widgets.autocomplete import NameField
from tui.widgets.cells import shorten, single_line
from tui.widgets.columns import ListColumn
from tui.widgets.fields import FormField, TextField
from tui.widgets.page import PageBlock

if TYPE_CHECKING:
    from store.commands.hand_over import Share
    from store.domain.permissions import Verb
    from store.queries.hand_over import ServedProject
    from tui.data.reader import Reader

MAX_SINGLE_FIELDS = 40
"""Of so many projects each has a field of its own; of more, those for one person are selected in the list."""
LABEL_CELLS = 24
"""The width of a project's label before its field; the field itself has more of its name while it is empty."""
HINT_CELLS = 34
"""So many of them fit beside it on a screen of 80 columns, with what stands before the name."""
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
        self._listed: Sequence[ServedProjectRow] = ()

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
        self._listed = list(rows.values())
        self.update_rows(self._listed)
        count = ngettext("butler of {n} project", "butler of {n} projects", len(rows)).format(n=len(rows))
        hint = _("space selects some of them; else H takes all") if rows else ""
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
        chosen = [row.project for row in self.rows.selected or self._listed]
        labels = {each.project: f"{each.number} {each.name}".strip() for each in chosen}
        await self.app.open_screen("hand_over_form", self._giver, labels)


class HandOverForm(Form, SeatSnapshotMixin):
    """To whom; then a question that says all of it, and enter. ``projects`` are those of the ``giver`` that change
    hands, with what they are called. Of several each may go to somebody else."""

    first_field = "taker"

    def __init__(self, giver: str, projects: Mapping[str, str]) -> None:
        super().__init__()
        self.giver = giver
        self.projects = projects
        self._fields_by_key = {f"taker-{project}": project for project in projects} if len(projects) > 1 else {}
        if len(self._fields_by_key) > MAX_SINGLE_FIELDS:
            self._fields_by_key = {}

    @property
    def heading(self) -> str:
        """The act."""
        return _("Hand over")

    @property
    def draft_key(self) -> str:
        """One draft for each choice of a butler's projects: who was typed for some is not lost with the others."""
        chosen = sorted(self.projects)
        return f"hand_over:{self.giver}:{chosen[0] if len(chosen) == 1 else derived_id('hand_over', *chosen)}"

    @property
    def required_fields(self) -> Sequence[str]:
        """Who takes over, unless single projects say it for themselves."""
        single = (field for field in self.fields if field.key in self._fields_by_key)
        return () if any(field.value for field in single) else ("taker",)

    def make_fields(self) -> Sequence[FormField]:
        """To whom, all or each for itself; and the sheet's file, which has a usual name."""
        hint = N_("for another file than the usual: .docx, .xlsx …")
        single = [
            NameField(
                key,
                shorten(name, LABEL_CELLS),
                "person",
                hint=_("as above · {project}").format(project=shorten(name, HINT_CELLS)),
            )
            for key, name in ((key, self.projects[project]) for key, project in self._fields_by_key.items())
        ]
        label = N_("New butler") if not single else N_("All, or the rest")
        return NameField("taker", label, "person"), *single, TextField("file", N_("Sheet"), hint=hint)

    def on_mount(self) -> None:
        """Ready to type; meanwhile the central is asked what the giver has unsent."""
        super().on_mount()
        self.ask_for_accounts(lambda: None)

    def load_state(self, reader: Reader) -> FormState:
        """Who gives up how many."""
        (name,) = reader.run(queries.hand_over.names_of_people, [self.giver])
        served = reader.run(queries.hand_over.served_projects, self.giver, reader.thresholds().today)
        count = len({each.project for each in served if each.project in self.projects})
        projects = ngettext("{n} project", "{n} projects", count).format(n=count)
        return FormState({}, head=_("{projects} of {giver}").format(projects=projects, giver=name or "?"))

    def action_save(self) -> None:
        """Read what it would do, and ask; what was typed and is doubtful is asked back first."""
        if self._initial_state is None or self._saving or self._report_missing_fields():
            return
        values: FormValues = {field.key: field.submitted_value for field in self.fields}
        typed = typed_values(self.fields, self._answers)
        shares, file = self._shares(values), str(values.get("file") or "")
        preview = partial(_preview, giver=self.giver, shares=shares, file=file)
        self.read_in_thread(lambda reader: find_questions(reader, typed) or preview(reader), self._ask, "preview")

    def _ask(self, outcome: Questions | tuple[HandOverPreview, frozenset[str]]) -> None:
        if isinstance(outcome, Questions):
            ask(self.app, outcome, self._answers, self.fields, self.action_save)
            return
        preview, ids = outcome
        now_ms = self.app.now_ms()
        unsent = unsent_text(self.app.seat_snapshot, ids, preview.plan.giver_name, now_ms)
        self.app.push_screen(Confirm(hand_over_question(preview, unsent, now_ms), super().action_save))

    def save(self, reader: Reader, values: FormValues) -> str:
        """Write both: the assignments and the sheet; returns what is said of it."""
        giver, shares, file = self.giver, self._shares(values), str(values.get("file") or "")
        preview = preview_hand_over(reader.writer.ledger, giver, shares, file, reader.export_folder)
        sheet = HandOverSheet(reader.thresholds(), preview.file)
        done = reader.writer.run(
            lambda ledger: with_sheet(ledger, lambda: commands.hand_over.hand_over(ledger, giver, shares), sheet)
        )
        count = len(done.projects)
        text = ngettext("{n} project changed hands.", "{n} projects changed hands.", count).format(n=count)
        return " ".join((text, _("Hand-over sheet: {file}").format(file=sheet.path)))

    def _shares(self, values: FormValues) -> list[Share]:
        """Who takes which projects, as the fields say."""
        shares: dict[str, list[str]] = {}
        for project in self.projects:
            taker = values.get(f"taker-{project}") or values.get("taker")
            if taker:
                shares.setdefault(str(taker), []).append(project)
        return [commands.hand_over.Share(taker, projects) for taker, projects in shares.items()]

    def after_save(self, line_id: str | None) -> None:
        """Say what changed hands, and where the sheet is."""
        self.app.show_message(line_id or self.saved_message())
        self.dismiss(None)


def _preview(
    reader: Reader, *, giver: str, shares: Sequence[Share], file: str
) -> tuple[HandOverPreview, frozenset[str]]:
    """What would be done, and under which ids accounts may know the giver."""
    preview = preview_hand_over(reader.writer.ledger, giver, shares, file, reader.export_folder)
    merged = reader.run(queries.people.merged_records, "person", preview.plan.giver)
    return preview, frozenset((preview.plan.giver, *(line for line, _name in merged)))
