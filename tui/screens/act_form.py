"""One act on an issue, or on several at once; the form has only the fields that the act needs and takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store import commands, queries
from store.domain.registers import WAITING_FOR
from tui.data import readers
from tui.data.form_values import FormValues, act_fields, without_blanks
from tui.data.issue_acts import act_on_issues
from tui.i18n.translate import N_, _, error_text, value_label
from tui.screens.acts import SPEAKING_VERBS
from tui.screens.form import Form
from tui.screens.form_state import FormState, missing_line_state
from tui.screens.issue_form import DAY_HINT
from tui.screens.panels import Confirm, Notice
from tui.screens.register_fields import UNITS_HINT
from tui.widgets.autocomplete import NameField
from tui.widgets.day_field import DayField
from tui.widgets.fields import ChoiceField, FormField, MultilineField, TextField
from tui.widgets.long_list import LongList
from tui.widgets.page import PageBlock, PageHeading, PageTitle, Passage

if TYPE_CHECKING:
    from store.commands.issues import Verb
    from store.queries.co_handling import CoHandling
    from store.queries.issues import IssueRow
    from tui.data.issue_acts import IssueActResult
    from tui.data.reader import Reader

CONFIRMED_VERBS = ("cancel",)
"""Acts that are confirmed by the key of destructive acts."""
BULK_DRAFT_KEY = "several"
"""Takes the place of the issue's id in the draft key of an act on several."""


class ActForm(Form):
    """The act ``verb`` on an issue, and with the same words on ``others``."""

    def __init__(self, issue_id: str, verb: str, *others: str) -> None:
        super().__init__()
        self.issue_id = issue_id
        self.verb = verb
        self.others = others
        self._is_due_ruled = False
        self._outcomes: list[IssueActResult] = []

    @property
    def heading(self) -> str:
        """The act."""
        return value_label("act", self.verb)

    @property
    def writes_for_others(self) -> bool:
        """An act may be done in another's place."""
        return True

    @property
    def takes_files(self) -> bool:
        """Files belong to the one step; of several each would need its own."""
        return not self.others

    @property
    def draft_key(self) -> str:
        """A draft for each act on each issue, or on several."""
        return f"act:{BULK_DRAFT_KEY if self.others else self.issue_id}:{self.verb}"

    @property
    def first_field(self) -> str:
        """The first thing the act needs."""
        return self.fields[0].key

    @property
    def required_fields(self) -> Sequence[str]:
        """What the act needs."""
        needs = self._verb_rules.needs
        return (*needs, "due") if self.verb == "assign" and not self._is_due_ruled else needs

    @property
    def _verb_rules(self) -> Verb:
        from store.commands.issues import VERBS  # noqa: PLC0415 - the models, which only a form waits for

        return VERBS[self.verb]

    def make_fields(self) -> Sequence[FormField]:
        """What the act needs, then what it takes."""
        return [_field(name) for name in (*self._verb_rules.needs, *self._verb_rules.takes)]

    def load_state(self, reader: Reader) -> FormState:
        """What the issue proposes."""
        if self.others:
            return FormState(
                {}, head=_(", ").join(reader.run(readers.lines.issue_numbers, (self.issue_id, *self.others)))
            )
        detail = reader.run(queries.issues.issue, self.issue_id, reader.thresholds())
        if detail is None:
            return missing_line_state()
        row = detail.row
        self.project = row.project_id
        values, ids = {"level": str(min(row.level + 1, 3))}, {}
        if self.verb == "assign":
            self._is_due_ruled = reader.run(commands.issues.is_due_ruled, detail, reader.thresholds().today)
            due = "" if row.due_rule else row.due or ""
            values |= {"department": row.department or "", "owner": row.owner or "", "due": due}
            named = {row.department: row.department_id, row.owner: row.owner_id}
            values["with"] = "、".join(each.department or "" for each in row.co_handlers)
            named |= {each.department: each.department_id for each in row.co_handlers}
            ids = {name: line_id for name, line_id in named.items() if name and line_id}
        if self.verb == "extend":
            values |= commands.extensions.extension_defaults(detail, self.verb)
        if self.verb in SPEAKING_VERBS:
            speaking = _own_part(row, reader.run(queries.own_work.own_departments))
            values["department"] = speaking.department or "" if speaking else ""
            ids = {speaking.department: speaking.department_id} if speaking and speaking.department else {}
        return FormState(values, ids, head=f"{row.number}  {row.title}")

    def show_state(self, state: FormState) -> None:
        """The stars anew: only what was read says whether a time rule gives the due date."""
        super().show_state(state)
        self.mark_required_fields()

    def action_save(self) -> None:
        """Do the act; an act that ends the issue is confirmed first."""
        if self.verb not in CONFIRMED_VERBS:
            super().action_save()
            return
        question: list[PageBlock] = [
            PageTitle(_("End this issue?")),
            Passage(_("It can only be recorded anew, not taken up again.")),
        ]
        self.app.push_screen(Confirm(question, super().action_save, danger=True))

    def save(self, reader: Reader, values: FormValues) -> str:
        """Write the step, or one on each. Raises what the only one, or every one, was refused for."""
        fields = {**values, "level": int(str(values["level"]))} if "level" in values else dict(values)
        if not self.others:
            return self.write_act(reader, fields)
        issue_ids = (self.issue_id, *self.others)
        self._outcomes = act_on_issues(reader.writer, issue_ids, self.verb, without_blanks(fields))
        refused = [one.error for one in self._outcomes if one.error is not None]
        if len(refused) == len(self._outcomes):
            raise refused[0]
        return self.issue_id

    def write_act(self, reader: Reader, values: FormValues) -> str:
        """Write the step on the one issue."""
        fields = act_fields(values)
        return reader.writer.run(lambda ledger: commands.issues.act(ledger, self.issue_id, self.verb, **fields)).id

    def after_save(self, line_id: str | None) -> None:
        """Report what was done; for several, also on which it was not done, and why."""
        if not self._outcomes:
            super().after_save(line_id)
            return
        for rows in (rows for screen in self.app.screen_stack for rows in screen.query(LongList)):
            rows.deselect()
        done = sum(one.error is None for one in self._outcomes)
        self.app.show_message(
            _("{act}: done on {n} of {all}.").format(act=self.heading, n=done, all=len(self._outcomes))
        )
        self.dismiss(None)
        if done < len(self._outcomes):
            self.app.push_screen(Notice(_outcome_blocks(self._outcomes)))


def _own_part(row: IssueRow, departments: Sequence[str]) -> CoHandling | None:
    """The part that the reader's department has in an issue, or else the only one that is owed; None: not clear."""
    own = [each for each in row.co_handlers if each.department_id in departments]
    owed = [each for each in row.co_handlers if each.owed]
    choices = own or ([] if row.department_id in departments else owed)
    return choices[0] if len(choices) == 1 else None


def _outcome_blocks(outcomes: Sequence[IssueActResult]) -> list[PageBlock]:
    """On which issues an act was done, and on which not and why."""
    page: list[PageBlock] = [PageTitle(_("Done"))]
    page += [Passage(f"{one.number}  {one.title}", "good") for one in outcomes if one.error is None]
    page.append(PageHeading(_("Not done")))
    for one in outcomes:
        if one.error is not None:
            page += [Passage(f"{one.number}  {one.title}", "strong"), Passage(error_text(one.error).what, "warn", 2)]
    return page


def _field(name: str) -> FormField:
    """The field for one thing that an act needs."""
    if name in ("text", "measure", "reason"):
        return MultilineField(name, _LABELS[name])
    if name in ("due", "until"):
        return DayField(name, _LABELS[name], hint=DAY_HINT, toward="future", asked_back=True)
    if name in _KINDS:
        several = name == "with"
        return NameField(name, _LABELS[name], _KINDS[name], several=several, hint=UNITS_HINT if several else "")
    if name in _CHOICES:
        family, choices = _CHOICES[name]
        return ChoiceField(
            name, _LABELS[name], choices, lambda value: value_label(family, value) if value else _("none")
        )
    return TextField(name, _LABELS[name])


_CHOICES = {
    "level": ("level", ("1", "2", "3")),
    "cause": ("issue_step.cause", ("dissatisfied", "supervision")),
    "waiting_for": ("issue_step.waiting_for", ("", *WAITING_FOR)),
}
"""The fields that are chosen: the family of their labels, and the values."""
_KINDS = {"department": "unit", "with": "unit", "owner": "person", "merged_into": "issue"}
_LABELS = {
    "department": N_("Department"),
    "with": N_("With"),
    "owner": N_("Owner"),
    "due": N_("Due"),
    "until": N_("Until"),
    "waiting_for": N_("Waits for"),
    "text": N_("Text"),
    "reason": N_("Reason"),
    "measure": N_("Measure"),
    "evidence": N_("Evidence"),
    "level": N_("Level"),
    "cause": N_("Cause"),
    "meeting": N_("Meeting"),
    "merged_into": N_("Merged into"),
}
