"""Deciding on an issue in a meeting: the acts of the issue, each with its letter, then the form of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tui.data.meeting_draft import Meeting
from tui.i18n.translate import _, word
from tui.screens.act_form import ActForm
from tui.screens.acts import ActsScreen, choices
from tui.screens.panels import Choice
from tui.widgets.fields import Field

if TYPE_CHECKING:
    from tui.data.reader import Desk
    from tui.data.readers.issue import Story

DISCUSSED = "discussed"
Done = Callable[[str | None], None]


class DecideScreen(ActsScreen):
    """What the meeting does with this issue. ``done`` is told of the issue when it was decided; ``discussed`` is called
    where it only came up: this screen has closed by then, and writes nothing any more."""

    def __init__(self, meeting: Meeting, issue: tuple[str, str], done: Done, discussed: Callable[[], None]) -> None:
        super().__init__(issue[0])
        self._meeting = meeting
        self._issue = issue
        self._done = done
        self._discussed = discussed
        self._bindings.bind("l", f"pick('{DISCUSSED}')", show=False)

    def choices_for(self, story: Story) -> list[Choice]:
        """The acts on the issue; a meeting resolves what was escalated to its own level."""
        row, level = story.detail.row, self._meeting.level
        found = [_at_level(one, row.level, level) for one in choices(row, story.roles, own=story.own)]
        found.insert(sum(one.possible for one in found), Choice(DISCUSSED, _("discussed, nothing decided"), "l"))
        return sorted(found, key=lambda one: not one.possible)

    async def take(self, one: Choice) -> None:
        """The act's form; or only note that it came up."""
        if one.id == DISCUSSED:
            self._discussed()
        else:
            await self.app.push_screen(DecisionForm(self._meeting, self._issue, one.id), self._done)


def _at_level(one: Choice, of_issue: int, of_meeting: int) -> Choice:
    if one.id != "resolve" or not one.possible or of_issue == of_meeting:
        return one
    note = _("only at a meeting of level {level}").format(level=word("level", str(of_issue)))
    return replace(one, possible=False, note=note)


class DecisionForm(ActForm):
    """The act as a decision: its step names the meeting. Gives the issue's id when it was written."""

    def __init__(self, meeting: Meeting, issue: tuple[str, str], verb: str) -> None:
        super().__init__(issue[0], verb)
        self._meeting = meeting
        self._issue = issue

    @property
    def draft_key(self) -> str:
        """A draft for each act on each issue in each meeting."""
        return f"meeting:{self._meeting.session}:{self.issue_id}:{self.verb}"

    def make_fields(self) -> Sequence[Field]:
        """As ever, but the meeting is known."""
        return [one for one in super().make_fields() if one.key != "meeting"]

    def write(self, desk: Desk, given: Mapping[str, Any]) -> str:
        """Write the decision."""
        written: str = import_module("tui.data.readers.meeting").decide(
            desk, self._meeting, self._issue, self.verb, given
        )
        return written

    def saved(self, line_id: str | None) -> None:
        """Decided; back to the cards."""
        self.app.say(_("Decided: {act}.").format(act=self.heading))
        self.dismiss(line_id)
