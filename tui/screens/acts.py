"""What can be done on an issue now, or on several: acts that the state allows, each with a letter; the others say why
not."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from textual.widgets import Label

from tui.i18n.translate import _, word
from tui.screens.panels import Choice, Menu
from tui.widgets.cells import plain

if TYPE_CHECKING:
    from store.queries.issues import IssueRow
    from tui.data.reader import Desk
    from tui.data.readers.issue import Story

LETTERS = {
    "assign": "a",
    "accept": "c",
    "dispute": "d",
    "progress": "p",
    "wait": "w",
    "extend": "e",
    "escalate": "u",
    "resolve": "m",
    "settle": "s",
    "confirm": "y",
    "reject": "n",
    "approve": "o",
    "return": "b",
    "reopen": "r",
    "cancel": "x",
    "remind": "i",
    "supervise": "v",
    "tell": "t",
}


ACT_OF = {
    "assign": "assigned", "accept": "accepted", "dispute": "disputed", "progress": "progress", "wait": "waiting",
    "extend": "extended", "escalate": "escalated", "resolve": "resolved", "settle": "settled", "confirm": "confirmed",
    "reject": "rejected", "approve": "approved", "return": "returned", "reopen": "reopened", "cancel": "cancelled",
    "remind": "reminded", "supervise": "supervised", "tell": "told",
}  # fmt: skip
"""The step that each act writes, as `store.commands.issues.VERBS` has it: that table costs the models (0.2 s), which
a screen that only offers acts does not wait for."""
LIKELY = {
    "open": ("assign", "cancel"),
    "assigned": ("accept", "dispute", "remind"),
    "in_progress": ("settle", "progress", "wait", "extend", "escalate"),
    "waiting": ("progress", "extend", "escalate"),
    "escalated": ("resolve", "assign"),
    "settled": ("approve", "return", "confirm", "reject"),
    "pending_approval": ("approve", "return"),
    "closed": ("tell", "reopen"),
    "cancelled": ("tell",),
}
"""What is mostly done next in each state."""
ON_SEVERAL = ("remind", "supervise", "tell", "assign", "extend")
"""Acts that can be done on several issues with the same words."""


class ActsScreen(Menu):
    """The menu; it is there at once and filled when the issue has been read. A letter typed ahead waits for that."""

    def __init__(self, *issue_ids: str) -> None:
        super().__init__(_("What is done?"), ())
        self._issue_ids = issue_ids
        self._typed: str | None = None
        for verb, letter in LETTERS.items():
            self._bindings.bind(letter, f"pick('{verb}')", show=False)

    def on_mount(self) -> None:
        """Read in a thread what is allowed; the pen is taken up meanwhile, for the form that comes next."""
        super().on_mount()
        self.ask(lambda desk: desk.pen, lambda _pen: None, "pen")
        if len(self._issue_ids) == 1:
            self.ask(self._read, self._show)
        else:
            self.ask(self._read_several, self._show_several)

    def _read(self, desk: Desk) -> Story | None:
        found: Story | None = import_module("tui.data.readers.issue").story(desk, self._issue_ids[0])
        return found

    def _show(self, story: Story | None) -> None:
        if story is None:
            self.dismiss(None)
            return
        row = story.detail.row
        self._offer(f"{row.number}  {row.title}", self.choices_for(story))

    def choices_for(self, story: Story) -> list[Choice]:
        """The acts on one issue."""
        return choices(story.detail.row, story.roles, own=story.own)

    def _read_several(self, desk: Desk) -> tuple[list[IssueRow], tuple[str, ...]]:
        return import_module("tui.data.readers.issue").rows_of(desk, self._issue_ids), desk.roles()

    def _show_several(self, found: tuple[list[IssueRow], tuple[str, ...]]) -> None:
        rows, roles = found
        self._offer(_("{n} issues").format(n=len(rows)), choices_on_several(rows, roles))

    def _offer(self, title: str, offered: list[Choice]) -> None:
        self.query_one(".panel-title", Label).update(plain(title))
        self.offer(offered)
        if self._typed:
            self.app.call_later(self.action_pick, self._typed)

    async def action_pick(self, choice: str) -> None:
        """A letter."""
        if self._choices:
            await super().action_pick(choice)
        else:
            self._typed = choice

    async def take(self, one: Choice) -> None:
        """The act's own form."""
        first, *others = self._issue_ids
        await self.app.go("act_form", first, one.id, *others)


def choices(row: IssueRow, roles: tuple[str, ...], *, own: bool = False) -> list[Choice]:
    """The acts of these roles on an issue as it stands, those that are possible first. A device that knows of no role
    offers every act; so does a bureau's, which may enter what others decide. Nobody approves their ``own``."""
    from store.domain.permissions import STEP, may  # noqa: PLC0415 - the store is not imported before the first paint

    offered: list[Choice] = []
    for verb, act in ACT_OF.items():
        if roles and not may(roles, STEP, act, level=row.level):
            continue
        why = _("you recorded or settled it yourself") if own and verb == "approve" else _forbids(act, row)
        offered.append(Choice(verb, word("act", verb), LETTERS[verb], why, not why))
    return sorted(offered, key=lambda one: not one.possible)


def _forbids(act: str, row: IssueRow) -> str:
    """Why an issue as it stands forbids an act; nothing where it allows it."""
    from store.domain.issue_lifecycle import LIFE  # noqa: PLC0415 - the store is not imported before the first paint

    sources = LIFE[act].sources
    if row.state == "settled" and act in ("approved", "returned") and row.must_act == "butler":
        return _("the enterprise must confirm it first")
    if row.state in sources:
        return ""
    return _("only when {states}").format(states=_(" / ").join(word("state", source) for source in sources))


def choices_on_several(rows: Sequence[IssueRow], roles: tuple[str, ...]) -> list[Choice]:
    """The acts that can be done on several issues, each with how many of them allow it."""
    offered: list[Choice] = []
    for verb in ON_SEVERAL:
        allowing = [one for row in rows for one in choices(row, roles) if one.id == verb]
        able = sum(one.possible for one in allowing)
        if allowing:
            note = _("possible for {able} of {n}").format(able=able, n=len(rows))
            offered.append(Choice(verb, word("act", verb), LETTERS[verb], note, able > 0))
    return offered


def likely(story: Story) -> list[Choice]:
    """What is mostly done next with an issue, as far as the reader may do it now; a proposed escalation first."""
    row = story.detail.row
    possible = {one.id: one for one in choices(row, story.roles, own=story.own) if one.possible}
    wanted = (*(("escalate",) if row.proposed else ()), *LIKELY.get(row.state, ()))
    return [possible[verb] for verb in dict.fromkeys(wanted) if verb in possible]
