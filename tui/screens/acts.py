"""What can be done on an issue now: acts that its state allows, each with a letter; the others say why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Label

from tui.screens.panels import Choice, Menu
from tui.widgets.cells import plain
from tui.words import _, word

if TYPE_CHECKING:
    from store.queries.issues import IssueDetail

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


class ActsScreen(Menu):
    """The menu; it is there at once and filled when the issue has been read. A letter typed ahead waits for that."""

    def __init__(self, issue_id: str) -> None:
        super().__init__(_("What is done?"), ())
        self._issue_id = issue_id
        self._typed: str | None = None
        for verb, letter in LETTERS.items():
            self._bindings.bind(letter, f"pick('{verb}')", show=False)

    def on_mount(self) -> None:
        """Read in a thread what is allowed."""
        super().on_mount()
        self.ask(lambda desk: (desk.issue(self._issue_id), desk.roles()), self._show)

    def _show(self, found: tuple[IssueDetail | None, tuple[str, ...]]) -> None:
        detail, roles = found
        if detail is None:
            self.dismiss(None)
            return
        self.query_one(".panel-title", Label).update(plain(f"{detail.row.number}  {detail.row.title}"))
        self.offer(choices(detail.row.state, roles, detail.row.level))
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
        await self.app.go("act_form", self._issue_id, one.id)


def choices(state: str, roles: tuple[str, ...], level: int) -> list[Choice]:
    """The acts of these roles on an issue of this state and level, those that are possible first. A device that knows
    of no role offers every act; so does a bureau's, which may enter what others decide."""
    from store.authority import STEP, may  # noqa: PLC0415 - the store is not imported before the first paint
    from store.issues import LIFE, allowed  # noqa: PLC0415
    from store.registers.issues import VERB_OF  # noqa: PLC0415

    possible = allowed(state)  # type: ignore[arg-type]
    offered: list[Choice] = []
    for act, rule in LIFE.items():
        verb = VERB_OF.get(act)
        if verb is None or (roles and not may(roles, STEP, act, level=level)):
            continue
        why = (
            ""
            if act in possible
            else _("only when {states}").format(states=_(" / ").join(word("state", source) for source in rule.sources))
        )
        offered.append(Choice(verb, word("act", verb), LETTERS[verb], why, act in possible))
    return sorted(offered, key=lambda one: not one.possible)
