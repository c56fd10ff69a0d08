"""The form of a visit: the project is guessed, the time is now, people are suggested."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.widget import Widget

from store import commands, queries
from tui.data import readers
from tui.data.form_values import FormValues, command_fields, without_blanks
from tui.data.lists import issue_list
from tui.i18n.dates import format_full_moment
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.screens.form import Form
from tui.screens.form_state import FormState, missing_line_state
from tui.screens.issue_form import MOMENT_HINT, likely_project
from tui.screens.visit_issues import IssueActsField, IssueFieldsetList, NewIssuesField, OpenIssues, visit_acts_for
from tui.widgets.autocomplete import NameField
from tui.widgets.day_field import DayField
from tui.widgets.fields import ChoiceField, FormField, MultilineField, TextField
from tui.widgets.long_list import LongList

if TYPE_CHECKING:
    from store.queries.issues import IssueRow
    from tui.data.reader import Reader

CONTACT_MODES = ("visit", "discussion", "phone", "wechat", "meeting", "other")


class VisitForm(Form):
    """A new visit, or one to correct."""

    @property
    def heading(self) -> str:
        """New or edited."""
        return _("Edit a visit") if self.line_id else _("Log a visit")

    @property
    def writes_for_others(self) -> bool:
        """A new one may be entered for somebody."""
        return self.line_id is None

    @property
    def draft_key(self) -> str:
        """One draft for new visits to each project, one for each line."""
        return f"visit:{self.line_id}" if self.line_id else f"visit:new:{self.draft_context}"

    first_field = "text"
    required_fields = ("project", "text")
    takes_issues = True
    takes_files = True

    def __init__(self, line_id: str | None = None, project: str | None = None) -> None:
        super().__init__(line_id, project)
        self._roles: tuple[str, ...] = ()
        self._listed_project: str | None = None

    def make_fields(self) -> Sequence[FormField]:
        """Where, when, how, who, what."""
        return (
            NameField("project", N_("Project"), "project", hint=N_("name, initials or number")),
            DayField("at", N_("When"), hint=MOMENT_HINT, toward="past", moment=True, asked_back=True),
            ChoiceField("how", N_("How"), CONTACT_MODES, lambda how: value_label("visit.how", how)),
            TextField("place", N_("Place")),
            NameField(
                "who", N_("Participants"), "person", several=True, hint=N_("names, 、 between them"), as_text=True
            ),
            MultilineField("text", N_("Findings")),
            NewIssuesField("raising", N_("Issues raised")),
            IssueActsField("moving", N_("Issues moved on")),
        )

    def body(self) -> Iterable[Widget]:
        """The fields, and below them the project's open issues."""
        for widget in super().body():
            if widget.id == "said":
                yield OpenIssues(self.app.now_ms, self._add_issue_act)
            yield widget

    @property
    def fields(self) -> list[FormField]:
        """The form's own fields: those within a new issue are parts of one."""
        return [one for one in super().fields if not one.has_class("within")]

    def load_state(self, reader: Reader) -> FormState:
        """A new visit: the project in view, or the one visited last; now."""
        self._roles = reader.run(readers.device.read_roles)
        return self._begin_edit(reader, self.line_id) if self.line_id else self._begin_new(reader)

    def _begin_new(self, reader: Reader) -> FormState:
        likely = likely_project(reader, self.project)
        values = {"project": "", "at": format_full_moment(reader.corrected_now_ms()), "how": "visit"}
        if likely is None:
            return FormState(values)
        self.project = likely[0]
        return FormState({**values, "project": likely[1]}, {likely[1]: likely[0]})

    def _begin_edit(self, reader: Reader, line_id: str) -> FormState:
        line = reader.run(queries.lines.current_line, line_id)
        row = reader.run(queries.visits.visit, line_id)
        if line is None or row is None:
            return missing_line_state()
        self.project = row.project_id
        values = {
            "project": row.project or "",
            "at": row.at.replace("T", " ")[:16],
            "how": row.how,
            "place": row.place or "",
            "who": row.participants_text,
            "text": row.text or "",
        }
        ids = {row.project: row.project_id} if row.project and row.project_id else {}
        return FormState(values, ids, (line.stamp, line.device))

    def project_for_suggestions(self) -> str | None:
        """The project in the form."""
        return self.query_one("#field-project", NameField).chosen_id or self.project

    def save(self, reader: Reader, values: FormValues) -> str:
        """Log it, or change what was changed."""
        line_id = self.line_id
        if line_id is None:
            fields = without_blanks(values)
            return reader.writer.run(lambda ledger: commands.visits.log(ledger, **fields)).id
        changes = {name: value for name, value in values.items() if name != "project"}
        return reader.writer.run(lambda ledger: commands.visits.edit(ledger, line_id, **command_fields(changes))).id

    def saved_message(self) -> str:
        """What was written with the visit, too."""
        raised, moved = len(self._rows(NewIssuesField).submitted_value), len(self._rows(IssueActsField).submitted_value)
        parts = [
            ngettext("{n} new issue", "{n} new issues", raised).format(n=raised) if raised else "",
            ngettext("{n} issue moved on", "{n} issues moved on", moved).format(n=moved) if moved else "",
        ]
        return "  ".join((super().saved_message(), _(", ").join(one for one in parts if one))).rstrip()

    # ── issues ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _rows(self, sort: type[IssueFieldsetList]) -> IssueFieldsetList:
        return self.query_one(sort)

    def show_state(self, state: FormState) -> None:
        """Show what the form begins with, and the open issues of its project."""
        super().show_state(state)
        self.list_issues()

    def reload(self) -> None:
        """The ledger has changed: so may have the open issues."""
        super().reload()
        if self._listed_project:
            self.query_one(OpenIssues).reread()

    @on(FormField.Changed)
    def list_issues(self) -> None:
        """The open issues of the project in the form."""
        project, reader = self.project_for_suggestions(), self.app.reader
        if reader is None or project is None or project == self._listed_project:
            return
        self._listed_project = project
        unfinished = queries.issues.IssueFilter(project=project, unfinished=True)
        self.query_one(OpenIssues).show(reader.paged(issue_list(unfinished)))

    @on(LongList.RowsLoaded)
    def resize_issue_list(self) -> None:
        """As many lines as there are issues, a few at most; none, no list."""
        listed = self.query_one(OpenIssues)
        listed.styles.height = min(listed.total, 5 if self.has_class("-wide") else 3) + 1
        listed.display = listed.total > 0

    async def action_raise_issue(self) -> None:
        """One more issue that came up here; its title is enough."""
        await self._rows(NewIssuesField).add({"kind": "problem"}, "title")

    async def action_move_issue(self) -> None:
        """To the project's open issues."""
        listed = self.query_one(OpenIssues)
        if listed.total:
            self.set_focus(listed)
        else:
            self.show_message(_("This project has no open issue. F8 opens one."))

    async def _add_issue_act(self, row: IssueRow, verb: str) -> None:
        """Add an act on an issue of the list: the one whose letter was pressed, or the likeliest."""
        offered = visit_acts_for(row, self._roles)
        if verb and verb not in offered:
            message = _("“{act}” is not possible on {number} now: it is {state}.")
            self.show_message(
                message.format(act=value_label("act", verb), number=row.number, state=value_label("state", row.state)),
                bad=True,
            )
        elif offered:
            about = {"issue": row.id, "number": row.number, "title": row.title, "verbs": " ".join(offered)}
            self.show_message("")
            await self._rows(IssueActsField).add({**about, "verb": verb or offered[0]}, "first")

    def _report_missing_fields(self) -> bool:
        """Whether something needed is not filled in, in the issues too."""
        if super()._report_missing_fields():
            return True
        lacking = next(
            (one for sort in (NewIssuesField, IssueActsField) if (one := self._rows(sort).first_missing()) is not None),
            None,
        )
        if lacking is not None:
            self.show_message(_("Please fill in: {fields}.").format(fields=_(lacking.label)), bad=True)
            lacking.mark_invalid(True)
            lacking.focus_control()
        return lacking is not None
