"""The acts on an issue, or on several: those that the state allows, each with a letter; for the others the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.widgets import Label

from store import queries
from tui.data import readers
from tui.i18n.translate import N_, _, value_label
from tui.screens.panels import Menu, MenuItem
from tui.widgets.cells import plain_content

if TYPE_CHECKING:
    from store.queries.issues import IssueRow
    from tui.data.reader import Reader
    from tui.data.readers.issue import IssueView

LETTERS = {
    "assign": "a",
    "accept": "c",
    "dispute": "d",
    "progress": "p",
    "wait": "w",
    "ask-extension": "q",
    "extend": "e",
    "refuse-extension": "E",
    "opinion": "f",
    "escalate": "u",
    "pass-on": "h",
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


ACT_BY_VERB = {
    "assign": "assigned", "accept": "accepted", "dispute": "disputed", "progress": "progress", "wait": "waiting",
    "ask-extension": "extension_asked", "extend": "extended", "refuse-extension": "extension_refused",
    "opinion": "opinion", "escalate": "escalated", "pass-on": "passed_on", "resolve": "resolved",
    "settle": "settled", "confirm": "confirmed", "reject": "rejected", "approve": "approved", "return": "returned",
    "reopen": "reopened", "cancel": "cancelled",
    "remind": "reminded", "supervise": "supervised", "tell": "told",
}  # fmt: skip
"""The step that each act writes, as `store.commands.issues.VERBS` has it: that table costs the models (0.2
s), which a screen that only offers acts does not wait for."""
LIKELY_VERBS = {
    "open": ("assign", "cancel"),
    "assigned": ("accept", "dispute", "remind"),
    "in_progress": ("settle", "progress", "wait", "extend", "escalate"),
    "waiting": ("progress", "extend", "escalate"),
    "escalated": ("resolve", "pass-on", "assign"),
    "settled": ("approve", "return", "confirm", "reject"),
    "pending_approval": ("approve", "return"),
    "closed": ("tell", "reopen"),
    "cancelled": ("tell",),
}
"""What is mostly done next in each state."""
SPEAKING_VERBS = ("opinion", "dispute")
"""What a department does that co-handles an issue and does not lead it."""
_ASSIGNABLE = ("open", "escalated")
_PASSED_ON_LEVEL = 2
BULK_VERBS = ("remind", "supervise", "tell", "assign", "extend")
"""Acts that can be done on several issues with the same words."""


TAKE_BACK, TAKE_BACK_KEY = "take-back", "z"
NO_ACT = N_("None of your roles acts on this issue. What was escalated to a leader is decided in a meeting.")


class ActsMenu(Menu):
    """The menu; it is there at once and filled when the issue has been read. A letter typed ahead waits for that."""

    def __init__(self, *issue_ids: str) -> None:
        super().__init__(_("What is done?"), ())
        self._issue_ids = issue_ids
        self._pending_key: str | None = None
        for verb, letter in (*LETTERS.items(), (TAKE_BACK, TAKE_BACK_KEY)):
            self._bindings.bind(letter, f"pick('{verb}')", show=False)

    def on_mount(self) -> None:
        """Read in a thread what is allowed; the writer is loaded at the same time, for the form that comes next."""
        super().on_mount()
        self.read_in_thread(lambda reader: reader.writer, lambda _writer: None, "pen")
        if len(self._issue_ids) == 1:
            self.read_in_thread(self._read, self._show)
        else:
            self.read_in_thread(self._read_several, self._show_several)

    def _read(self, reader: Reader) -> IssueView | None:
        return reader.run(readers.issue.issue_view, self._issue_ids[0], reader.thresholds())

    def _show(self, view: IssueView | None) -> None:
        if view is None:
            self.dismiss(None)
            return
        row = view.detail.row
        self._offer(f"{row.number}  {row.title}", self.items_for(view))

    def items_for(self, view: IssueView) -> list[MenuItem]:
        """The acts on one issue, and taking back the latest where nobody else has it yet."""
        offered = act_items(view.detail.row, view.roles, own=view.is_readers_own, departments=view.departments)
        if view.unsent_act is not None:
            label = _("take back: {act}").format(act=value_label("issue_step.act", view.unsent_act))
            note = _("it is on this device alone")
            offered.insert(sum(each.possible for each in offered), MenuItem(TAKE_BACK, label, TAKE_BACK_KEY, note))
        return offered

    def _read_several(self, reader: Reader) -> tuple[list[IssueRow], tuple[str, ...]]:
        rows = reader.run(queries.issues.issues_by_id, reader.thresholds(), self._issue_ids)
        return rows, reader.run(readers.device.read_roles)

    def _show_several(self, rows_and_roles: tuple[list[IssueRow], tuple[str, ...]]) -> None:
        rows, roles = rows_and_roles
        self._offer(_("{n} issues").format(n=len(rows)), bulk_act_items(rows, roles))

    def _offer(self, title: str, offered: list[MenuItem]) -> None:
        self.query_one(".panel-title", Label).update(plain_content(title))
        self.set_items(offered)
        if not offered:
            self.app.show_message(_(NO_ACT), warning=True)
            self.dismiss(None)
        elif self._pending_key:
            self.app.call_later(self.action_pick, self._pending_key)

    async def action_pick(self, choice: str) -> None:
        """A letter."""
        if self._choices:
            await super().action_pick(choice)
        else:
            self._pending_key = choice

    async def run_item(self, item: MenuItem) -> None:
        """The act's own form; what is taken back needs none."""
        first, *others = self._issue_ids
        if item.id == TAKE_BACK:
            self.app.take_back_act(first)
            return
        await self.app.open_screen("act_form", first, item.id, *others)


def act_items(
    row: IssueRow, roles: tuple[str, ...], *, own: bool = False, departments: Sequence[str] = (), meeting: int = 0
) -> list[MenuItem]:
    """The acts of these roles on an issue in its state, the possible ones first. A device that knows of no role offers
    every act; so does a bureau's, which may enter what others decide. An issue of one's ``own`` cannot be approved;
    ``departments`` are the reader's, ``meeting`` the level of the meeting that sits, 0 where none does."""
    from store.domain.permissions import ISSUE_STEP, may_write  # noqa: PLC0415 - the store is not imported before the first paint

    speaks_only = set(roles) == {"department"} and row.department_id not in departments and bool(row.co_handlers)
    offered: list[MenuItem] = []
    for verb, act in ACT_BY_VERB.items():
        if roles and not may_write(roles, ISSUE_STEP, act, level=meeting or row.level):
            continue
        if (speaks_only and verb not in SPEAKING_VERBS) or _is_no_matter(act, row):
            continue
        why = _forbidden_because("opinion" if speaks_only else act, row, meeting)
        if own and verb == "approve":
            why = _("you recorded or settled it yourself")
        note = _("only who co-handles") if not why and act == "assigned" and row.state not in _ASSIGNABLE else why
        if not why and act == "extended" and row.extension is not None:
            note = _("grants what was asked for")
        offered.append(MenuItem(verb, value_label("act", verb), LETTERS[verb], note, not why))
    return sorted(offered, key=lambda item: not item.possible)


def _is_no_matter(act: str, row: IssueRow) -> bool:
    """Whether an act is not even worth a reason: no other department co-handles, nothing was escalated or asked for."""
    if act == "extension_refused" and row.extension is None:
        return True
    return (act == "opinion" and not row.co_handlers) or (act == "passed_on" and row.state != "escalated")


def _forbidden_because(act: str, row: IssueRow, meeting: int) -> str:
    """Why the issue's state forbids an act; empty where it allows it."""
    from store.domain.issue_lifecycle import TRANSITIONS, allowed_acts  # noqa: PLC0415 - the store is not imported before the first paint

    sources = TRANSITIONS[act].sources
    if row.state == "settled" and act in ("approved", "returned") and row.must_act == "butler":
        return _("the enterprise must confirm it first")
    if act == "passed_on" and row.state == "escalated" and row.level != _PASSED_ON_LEVEL:
        return _("only when {states}").format(states=value_label("level", str(_PASSED_ON_LEVEL)))
    if act == "resolved" and row.state == "escalated" and 0 < meeting < row.level:
        return _("only at a meeting of level {level}").format(level=value_label("level", str(row.level)))
    if act in allowed_acts(row.state, at_meeting=meeting > 0, same_department=True):
        return ""
    states = _(" / ").join(value_label("state", source) for source in sources)
    if not meeting and act in allowed_acts(row.state, at_meeting=True, same_department=True):
        return _("in a meeting, or when {states}").format(states=states)
    return _("only when {states}").format(states=states)


def bulk_act_items(rows: Sequence[IssueRow], roles: tuple[str, ...]) -> list[MenuItem]:
    """The acts that can be done on several issues, each with how many of them allow it."""
    offered: list[MenuItem] = []
    for verb in BULK_VERBS:
        allowing = [one for row in rows for one in act_items(row, roles) if one.id == verb]
        able = sum(one.possible and not one.note for one in allowing)
        if allowing:
            note = _("possible for {able} of {n}").format(able=able, n=len(rows))
            offered.append(MenuItem(verb, value_label("act", verb), LETTERS[verb], note, able > 0))
    return offered


def likely_items(view: IssueView) -> list[MenuItem]:
    """What is mostly done next with an issue, as far as the reader may do it now; a proposed escalation first."""
    row = view.detail.row
    items = act_items(row, view.roles, own=view.is_readers_own, departments=view.departments)
    possible = {one.id: one for one in items if one.possible}
    owed = any(each.owed and each.department_id in view.departments for each in row.co_handlers)
    asked = ("extend", "refuse-extension") if row.extension else ()
    first = (*(("escalate",) if row.proposed else ()), *(("opinion",) if owed else ()), *asked)
    wanted = (*first, *LIKELY_VERBS.get(row.state, ()))
    return [possible[verb] for verb in dict.fromkeys(wanted) if verb in possible]
