"""The state of an issue: a pure function of its line and its steps (domain.md, "Life of an issue"; R24, R48, R49).

`LIFE` is the whole table as data. Steps are taken in the order of their stamps, whatever order they arrived in, so
that every store computes the same state. A step whose act is not allowed from the state it meets (two laptops acted
apart) is kept, named in ``out_of_turn``, and changes nothing. What the table leaves open is decided here:

- ``progress`` keeps an issue in progress and ends its waiting; nothing else ends waiting but an escalation.
- The enterprise's confirmation is off by default, so a settled issue may be approved or returned as it is.
- A fresh issue is at level 1, the butler's unit; an escalation that names no level goes one up.
- ``reminded``, ``supervised``, ``told`` and ``extended`` never change the state; nobody reminds of or supervises a
  finished issue.
- The close-out number is a line that the central writes (``models/close_out.py``); an approval without one waits for
  it.
- A disputed issue keeps its department until it is assigned anew, so the department sees what became of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from store.ledger.hlc import ms_of
from store.ledger.line import Line
from store.ledger.merge import rank

State = Literal[
    "open", "assigned", "in_progress", "waiting", "escalated", "settled", "pending_approval", "closed", "cancelled"
]  # fmt: skip
STATES: tuple[State, ...] = (
    "open", "assigned", "in_progress", "waiting", "escalated", "settled", "pending_approval", "closed", "cancelled",
)  # fmt: skip
FINISHED: tuple[State, ...] = ("closed", "cancelled")
TOP_LEVEL = 3
"""The principal leader; 2 is the project's lead leader, 1 the butler's unit."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the life table: from which states an act is allowed, to which it leads (None: it stays), and the
    roles that may do it. Roles are a hint for the screen; the central decides."""

    sources: tuple[State, ...]
    target: State | None
    roles: tuple[str, ...]
    moves: bool = True


_LIVE: tuple[State, ...] = ("assigned", "in_progress", "waiting", "escalated")
_UNFINISHED: tuple[State, ...] = ("open", *_LIVE, "settled", "pending_approval")

LIFE: Mapping[str, Rule] = {
    "recorded": Rule(("open",), "open", ("butler",)),
    "cancelled": Rule(("open",), "cancelled", ("butler", "lead_leader")),
    "assigned": Rule(("open", "escalated"), "assigned", ("butler", "lead_leader")),
    "accepted": Rule(("assigned",), "in_progress", ("butler", "department")),
    "disputed": Rule(("assigned",), "open", ("butler", "department")),
    "progress": Rule(("in_progress", "waiting"), "in_progress", ("butler", "department")),
    "waiting": Rule(("in_progress",), "waiting", ("butler", "department")),
    "extended": Rule(_LIVE, None, ("butler", "lead_leader", "department"), moves=False),
    "escalated": Rule(("assigned", "in_progress", "waiting"), "escalated", ("butler", "lead_leader", "department")),
    "resolved": Rule(("escalated",), "in_progress", ("butler", "lead_leader", "principal_leader")),
    "settled": Rule(("in_progress",), "settled", ("butler", "department")),
    "confirmed": Rule(("settled",), "pending_approval", ("butler",)),
    "rejected": Rule(("settled",), "in_progress", ("butler",)),
    "approved": Rule(("settled", "pending_approval"), "closed", ("bureau",)),
    "returned": Rule(("settled", "pending_approval"), "in_progress", ("bureau",)),
    "reopened": Rule(("closed",), "in_progress", ("butler", "bureau", "supervision_office")),
    "reminded": Rule(_UNFINISHED, None, ("butler", "lead_leader", "bureau"), moves=False),
    "supervised": Rule(_UNFINISHED, None, ("bureau", "supervision_office"), moves=False),
    "told": Rule(STATES, None, ("butler",), moves=False),
}
"""The life table, by the act's name in an issue step. ``moves`` tells whether the act counts as progress."""


class IssueState(NamedTuple):
    """What became of an issue. ``because`` is why an approval did not close it (`BECAUSE`). ``due`` and
    ``waiting_until`` are days, ``progress_at`` and ``closed_at`` milliseconds since 1970; ``settlement`` is the settle
    step that an approval must name; ``last_step`` the latest step in turn."""

    state: State
    level: int = 1
    department_id: str | None = None
    owner_id: str | None = None
    due: str | None = None
    waiting_until: str | None = None
    progress_at: int | None = None
    closed_at: int | None = None
    close_number: str | None = None
    settlement: str | None = None
    approval: str | None = None
    because: str | None = None
    out_of_turn: tuple[str, ...] = ()
    last_step: str | None = None


BECAUSE = ("issue_changed", "settlement_changed", "settlement_unread")
"""Why an approval did not close: the issue, or the settlement, was changed after the version that it names, or it names
no version of the settlement that holds."""


def state_of(issue: Line, lines: Iterable[Line], *, confirmation: bool = False) -> IssueState:
    """The state of ``issue`` after its steps, which may come in any order among its other ``lines``; deleted ones count
    for nothing. ``confirmation``: whether the enterprise must confirm a settlement before the bureau may approve or
    return it."""
    body = issue.body
    state = IssueState("open", 1, body.get("department_id"), body.get("owner_id"), body.get("due"))
    past: dict[str, Line] = {}
    present = [line for line in lines if not line.deleted]
    for step in sorted((line for line in present if line.kind == "issue_step"), key=_order):
        state = _after(state, step, issue, past, confirmation)
        past[step.id] = step
    numbers = {line.body.get("approval_id"): line.body.get("number") for line in present if line.kind == "close_out"}
    return state._replace(close_number=numbers.get(state.approval)) if state.approval else state


def allowed(state: State, roles: Iterable[str] | None = None) -> tuple[str, ...]:
    """The acts that the table allows from ``state``, in its order; only those of ``roles`` where roles are given."""
    held = None if roles is None else frozenset(roles)
    return tuple(
        act
        for act, rule in LIFE.items()
        if state in rule.sources and act != "recorded" and (held is None or not held.isdisjoint(rule.roles))
    )


def _order(step: Line) -> tuple[int, str, str]:
    return (*rank(step), step.id)


def _after(state: IssueState, step: Line, issue: Line, past: Mapping[str, Line], confirmation: bool) -> IssueState:
    act = step.body.get("act", "")
    rule = LIFE.get(act)
    if rule is None:  # an act of a newer version: kept and shown, but this version cannot know what it does
        return state
    unconfirmed = confirmation and state.state == "settled" and act in ("approved", "returned")
    if state.state not in rule.sources or unconfirmed or _at_another_level(state, step):
        return state._replace(out_of_turn=(*state.out_of_turn, step.id))
    because = _unread(state, step, issue, past) if rule.target == "closed" else None
    target = "pending_approval" if because else _target(rule, state, step, past)
    moved = ms_of(step.stamp) if rule.moves else state.progress_at
    why = because if rule.moves else state.because
    state = state._replace(state=target, progress_at=moved, last_step=step.id, because=why)
    return _with_what_it_names(state, step)


def _at_another_level(state: IssueState, step: Line) -> bool:
    level: object = step.body.get("level", state.level)
    return step.body["act"] == "resolved" and level != state.level


def _unread(state: IssueState, approval: Line, issue: Line, past: Mapping[str, Line]) -> str | None:
    """Why this approval closes nothing; None when it names what it should."""
    settlement = past[state.settlement] if state.settlement else None
    if settlement is None or _version(approval, settlement.id) is None:
        return "settlement_unread"
    if not _names(approval, settlement):
        return "settlement_changed"
    return None if _names(approval, issue) else "issue_changed"


def _target(rule: Rule, state: IssueState, step: Line, past: Mapping[str, Line]) -> State:
    if rule.target == "settled" and any(_version(earlier, step.id) for earlier in past.values()):
        return "pending_approval"  # an approval had named this settlement before it was changed
    return rule.target or state.state


def _names(approval: Line, line: Line) -> bool:
    """Whether the approval was given knowing this version of the line, or a later one that is still to arrive."""
    version = _version(approval, line.id)
    return version is not None and rank(line) <= version


def _version(approval: Line, line_id: str) -> tuple[int, str] | None:
    if approval.body.get("act") != "approved":
        return None
    for named in approval.body.get("versions") or ():
        stamp, device = named.get("stamp"), named.get("device")
        if named.get("id") == line_id and type(stamp) is int and isinstance(device, str):
            return stamp, device
    return None


def _with_what_it_names(state: IssueState, step: Line) -> IssueState:
    """The state with the dates, people and level that the step's act brings."""
    act, body = step.body["act"], step.body
    waiting_until = body.get("until") if act == "waiting" else state.waiting_until
    state = state._replace(waiting_until=waiting_until if state.state == "waiting" else None)
    if act in ("assigned", "extended"):
        state = state._replace(due=body.get("due", state.due))
    if act == "assigned":
        department, owner = body.get("department_id", state.department_id), body.get("owner_id", state.owner_id)
        return state._replace(department_id=department, owner_id=owner)
    if act == "escalated":
        return state._replace(level=body.get("level", min(state.level + 1, TOP_LEVEL)))
    if act == "settled":
        because = "settlement_changed" if state.state == "pending_approval" else None
        return state._replace(settlement=step.id, because=because)
    if state.state == "closed" and act == "approved":
        return state._replace(closed_at=ms_of(step.stamp), approval=step.id)
    if act in ("reopened", "returned", "rejected"):
        return state._replace(settlement=None, closed_at=None, approval=None)
    return state
