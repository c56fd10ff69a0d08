"""Deciding on an issue in a meeting: the acts of the issue, each with its letter, then the form of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tui.data import readers
from tui.data.form_values import FormValues
from tui.data.meeting_draft import DISCUSSED, MeetingDraft
from tui.data.meeting_writes import mark_discussed, write_decision
from tui.i18n.translate import N_, _
from tui.screens.act_form import ActForm
from tui.screens.acts import ActsMenu, act_items
from tui.screens.form import Form
from tui.screens.form_state import FormState
from tui.screens.panels import MenuItem
from tui.widgets.fields import FormField, MultilineField

if TYPE_CHECKING:
    from tui.data.reader import Reader
    from tui.data.readers.issue import IssueView

OnDecided = Callable[[str | None], None]


class MeetingActsMenu(ActsMenu):
    """The acts of a meeting on one issue. ``done`` is called with the issue when it was decided, or discussed."""

    def __init__(self, meeting: MeetingDraft, issue: tuple[str, str], done: OnDecided) -> None:
        super().__init__(issue[0])
        self._meeting = meeting
        self._issue = issue
        self._done = done
        self._bindings.bind("l", f"pick('{DISCUSSED}')", show=False)

    def items_for(self, view: IssueView) -> list[MenuItem]:
        """The acts on the issue; a meeting decides what is open, and what was escalated to its level or below."""
        own, level = view.is_readers_own, self._meeting.level
        found = act_items(view.detail.row, view.roles, own=own, departments=view.departments, meeting=level)
        found.insert(sum(one.possible for one in found), MenuItem(DISCUSSED, _("only discussed"), "l"))
        return sorted(found, key=lambda item: not item.possible)

    async def run_item(self, item: MenuItem) -> None:
        """The act's form; or what was said, where nothing was decided."""
        if item.id == DISCUSSED:
            await self.app.push_screen(DiscussionForm(self._meeting, self._issue), self._done)
        else:
            await self.app.push_screen(DecisionForm(self._meeting, self._issue, item.id), self._done)


class DecisionForm(ActForm):
    """The act as a decision: its step names the meeting. The result is the issue's id when it was written."""

    def __init__(self, meeting: MeetingDraft, issue: tuple[str, str], verb: str) -> None:
        super().__init__(issue[0], verb)
        self._meeting = meeting
        self._issue = issue

    @property
    def draft_key(self) -> str:
        """A draft for each act on each issue in each meeting."""
        return f"meeting:{self._meeting.session}:{self.issue_id}:{self.verb}"

    def make_fields(self) -> Sequence[FormField]:
        """As ever, but the meeting is known."""
        return [one for one in super().make_fields() if one.key != "meeting"]

    def write_act(self, reader: Reader, values: FormValues) -> str:
        """Write the decision."""
        return write_decision(reader.writer, self._meeting, self._issue, self.verb, values)

    def after_save(self, line_id: str | None) -> None:
        """Decided; back to the cards."""
        self.app.show_message(_("Decided: {act}.").format(act=self.heading))
        self.dismiss(line_id)


class DiscussionForm(Form):
    """What was said about an issue on which nothing was decided: the minutes have it. It may stay empty. The result is
    the issue's id."""

    def __init__(self, meeting: MeetingDraft, issue: tuple[str, str]) -> None:
        super().__init__()
        self._meeting = meeting
        self._issue = issue

    @property
    def heading(self) -> str:
        """That nothing was decided."""
        return _("Discussed, nothing decided")

    @property
    def draft_key(self) -> str:
        """A draft for each issue in each meeting."""
        return f"meeting:{self._meeting.session}:{self._issue[0]}:{DISCUSSED}"

    @property
    def first_field(self) -> str:
        """What was said."""
        return "text"

    @property
    def required_fields(self) -> Sequence[str]:
        """Nothing: that it came up is enough."""
        return ()

    def make_fields(self) -> Sequence[FormField]:
        """What was said."""
        return [MultilineField("text", N_("What was said"))]

    def load_state(self, reader: Reader) -> FormState:
        """What was noted before."""
        (number,) = reader.run(readers.lines.issue_numbers, [self._issue[0]]) or ("",)
        return FormState({"text": self._meeting.notes.get(self._issue[0], "")}, head=number)

    def save(self, reader: Reader, values: FormValues) -> str:
        """Note it in the meeting's draft."""
        return mark_discussed(reader.writer, self._meeting, self._issue, str(values.get("text") or "").strip())

    def after_save(self, line_id: str | None) -> None:
        """Back to the cards."""
        self.dismiss(line_id)
