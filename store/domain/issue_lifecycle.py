"""The state of an issue: a pure function of its line and its steps (domain.md, "Life of an issue"; R24, R48, R49).

`TRANSITIONS` is the whole table as data. Steps are applied in the order of their stamps, whatever order they arrived
in, so that every store computes the same state. A step whose act is not allowed from the state that it meets (two
devices acted without knowing of each other) is kept, listed in ``out_of_turn``, and changes nothing. What the table
leaves open is decided here:

- ``progress`` keeps an issue in progress and ends its waiting; nothing else ends waiting but an escalation.
- The enterprise's confirmation is off by default, so a settled issue may be approved or returned as it is.
- A fresh issue is at level 1, the butler's unit; an escalation that names no level goes one up.
- ``reminded``, ``supervised``, ``told``, ``extended`` and what is said of an extension never change the state; nobody
  reminds of or supervises a finished issue.
- An extension may be asked for (``extension_asked``, with the wanted due date) and is granted by an ``extended`` or
  refused by an ``extension_refused`` that names the request. Of two answers the first counts, and the other one is out
  of turn; a later request replaces an earlier one. An ``extended`` that names no request extends as it always did, and
  answers one that is open.
- The close-out number is a line that the central writes (``store/ledger/models/close_out.py``); an approval without
  one waits for it.
- A disputed issue keeps its department until it is assigned again, so that the department sees what became of it.
- One department leads (``department_id``), the others of an assignment co-handle (``with_ids``). An ``opinion`` names
  the department that speaks; the latest of each counts. A dispute that names a co-handling department takes that
  department's part back to the leading one and changes no state; both are out of turn where the department is none of
  the issue's.
- An assignment to the department that leads already may be made until the issue is settled: it changes who co-handles
  and keeps the state. Without ``with_ids`` the same departments co-handle on; what those that stay have said is kept.
- A step that was taken over from a table happened when the table says, and an approval among them closes the issue with
  the table's number: who read which version then, nobody knows.
- A meeting of the issue's level or above resolves what was escalated; a step that names a meeting decides any issue
  that is not settled.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from types import MappingProxyType
from typing import Literal, NamedTuple

from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Body, Line
from store.ledger.merge import version_key
from store.values.times import SHANGHAI, stored_day

State = Literal[
    "open", "assigned", "in_progress", "waiting", "escalated", "settled", "pending_approval", "closed", "cancelled"
]  # fmt: skip
STATES: tuple[State, ...] = (
    "open", "assigned", "in_progress", "waiting", "escalated", "settled", "pending_approval", "closed", "cancelled",
)  # fmt: skip
FINISHED_STATES: tuple[State, ...] = ("closed", "cancelled")
TOP_LEVEL = 3
"""The principal leader; 2 is the project's lead leader, 1 the butler's unit."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the transition table: the states from which an act is allowed, the state that it leads to (None: the
    same), and the roles that may do it (``store/domain/permissions.py``). Further sources: ``at_meeting`` for a step
    that names a meeting, ``same_department`` for one that leaves the leading department as it is."""

    sources: tuple[State, ...]
    target: State | None
    roles: tuple[str, ...]
    counts_as_progress: bool = True
    at_meeting: tuple[State, ...] = ()
    same_department: tuple[State, ...] = ()


_HANDLED_STATES: tuple[State, ...] = ("assigned", "in_progress", "waiting")
_ACTIVE_STATES: tuple[State, ...] = (*_HANDLED_STATES, "escalated")
_UNFINISHED_STATES: tuple[State, ...] = ("open", *_ACTIVE_STATES, "settled", "pending_approval")

TRANSITIONS: Mapping[str, Transition] = {
    "recorded": Transition(("open",), "open", ("butler",)),
    "cancelled": Transition(("open",), "cancelled", ("butler", "lead_leader")),
    "assigned": Transition(
        ("open", "escalated"), "assigned", ("butler", "lead_leader"), same_department=_HANDLED_STATES
    ),
    "accepted": Transition(("assigned",), "in_progress", ("butler", "department")),
    "disputed": Transition(("assigned",), "open", ("butler", "department")),
    "progress": Transition(("in_progress", "waiting"), "in_progress", ("butler", "department")),
    "waiting": Transition(("in_progress",), "waiting", ("butler", "department")),
    "extended": Transition(_ACTIVE_STATES, None, ("butler", "lead_leader", "department"), counts_as_progress=False),
    "extension_asked": Transition(_ACTIVE_STATES, None, ("butler", "department"), counts_as_progress=False),
    "extension_refused": Transition(_ACTIVE_STATES, None, ("butler", "lead_leader"), counts_as_progress=False),
    "opinion": Transition(_UNFINISHED_STATES, None, ("butler", "department"), counts_as_progress=False),
    "escalated": Transition(_HANDLED_STATES, "escalated", ("butler", "lead_leader", "department")),
    "passed_on": Transition(("escalated",), "escalated", ("lead_leader",)),
    "resolved": Transition(
        ("escalated",),
        "in_progress",
        ("butler", "lead_leader", "principal_leader"),
        at_meeting=("open", *_HANDLED_STATES),
    ),
    "settled": Transition(("in_progress",), "settled", ("butler", "department")),
    "confirmed": Transition(("settled",), "pending_approval", ("butler",)),
    "rejected": Transition(("settled",), "in_progress", ("butler",)),
    "approved": Transition(("settled", "pending_approval"), "closed", ("bureau",)),
    "returned": Transition(("settled", "pending_approval"), "in_progress", ("bureau",)),
    "reopened": Transition(("closed",), "in_progress", ("butler", "bureau", "supervision_office")),
    "reminded": Transition(_UNFINISHED_STATES, None, ("butler", "lead_leader", "bureau"), counts_as_progress=False),
    "supervised": Transition(_UNFINISHED_STATES, None, ("bureau", "supervision_office"), counts_as_progress=False),
    "told": Transition(STATES, None, ("butler",), counts_as_progress=False),
}
"""The transition table, by the act's name in an issue step. ``counts_as_progress``: the act sets ``progress_at``."""


class CoHandler(NamedTuple):
    """A department that co-handles an issue, and the id of the step with its latest word: an opinion or, with
    ``disputed``, that the matter is not its own. None: it is still owed."""

    department_id: str
    step: str | None = None
    disputed: bool = False


class IssueState(NamedTuple):
    """The computed state of an issue. ``because`` is why an approval did not close it (`APPROVAL_FAILURES`). ``due``
    and ``waiting_until`` are days, ``progress_at`` and ``closed_at`` milliseconds since 1970; ``settlement`` is the id
    of the settle step that an approval must name; ``last_step`` the latest step in turn. ``department_id`` leads,
    ``co_handlers`` are the others in the order of their assignment. ``extension`` is the id of a request for an
    extension that nobody has answered. ``due_rule`` is the time rule that gave the due date, where nobody has set one;
    ``limit_at`` the minute at which the first of the limits of other acts ends, or of settling where that is counted by
    the hour, ``progress_until`` the one until which something must be done again (``store/domain/clocks.py``)."""

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
    co_handlers: tuple[CoHandler, ...] = ()
    due_rule: str | None = None
    extension: str | None = None
    limit_at: str | None = None
    progress_until: str | None = None

    @property
    def owed(self) -> tuple[str, ...]:
        """The co-handling departments that have not spoken yet; none where the issue is finished."""
        if self.state in FINISHED_STATES:
            return ()
        return tuple(each.department_id for each in self.co_handlers if each.step is None)


_EXTENSION_WORDS = ("extension_asked", "extension_refused")
NO_MERGES: Mapping[str, str] = MappingProxyType({})
APPROVAL_FAILURES = ("issue_changed", "settlement_changed", "settlement_unread")
"""Why an approval did not close the issue: the issue or the settlement was changed after the version that it names, or
it names no version of the current settlement."""


def compute_state(
    issue: Line, lines: Iterable[Line], *, confirmation_required: bool = False, kept_ids: Mapping[str, str] = NO_MERGES
) -> IssueState:
    """The state of ``issue`` after its steps, which may be in any order among its other ``lines``; deleted lines are
    ignored. ``confirmation_required``: the enterprise must confirm a settlement before the bureau may approve or return
    it. ``kept_ids``: which department or owner stands for each merged one (``store/domain/merges.py``)."""
    present = [line for line in lines if not line.deleted]
    history = state_history(issue, present, confirmation_required=confirmation_required, kept_ids=kept_ids)
    state = deque(history, maxlen=1).pop()[1]
    numbers = {line.body.get("approval_id"): line.body.get("number") for line in present if line.kind == "close_out"}
    return state._replace(close_number=numbers.get(state.approval)) if state.approval else state


def state_history(
    issue: Line, lines: Iterable[Line], *, confirmation_required: bool = False, kept_ids: Mapping[str, str] = NO_MERGES
) -> Iterator[tuple[Line, IssueState]]:
    """The state of ``issue`` as it was recorded, beside its own line, and after each of its steps, beside the step, in
    the order in which they count. The arguments are those of `compute_state`."""
    body = _with_kept_ids(issue, kept_ids).body
    state = IssueState("open", 1, body.get("department_id"), body.get("owner_id"), body.get("due"))
    yield issue, state
    earlier: dict[str, Line] = {}
    for step in sorted((line for line in lines if line.kind == "issue_step" and not line.deleted), key=_step_order):
        state = _apply_step(state, _with_kept_ids(step, kept_ids), issue, earlier, confirmation_required)
        earlier[step.id] = step
        yield step, state


def responsible_ids(body: Body) -> tuple[str, ...]:
    """The departments and the owner that an issue or a step names."""
    named = (body.get("department_id"), body.get("owner_id"), *(body.get("with_ids") or ()))
    return tuple(each for each in named if each)


def _with_kept_ids(line: Line, kept_ids: Mapping[str, str]) -> Line:
    if not kept_ids or kept_ids.keys().isdisjoint(responsible_ids(line.body)):
        return line
    body = dict(line.body)
    for name in ("department_id", "owner_id"):
        if name in body:
            body[name] = kept_ids.get(body[name], body[name])
    if body.get("with_ids"):
        body["with_ids"] = [kept_ids.get(each, each) for each in body["with_ids"]]
    return line._replace(body=body)


def allowed_acts(
    state: State, roles: Iterable[str] | None = None, *, at_meeting: bool = False, same_department: bool = False
) -> tuple[str, ...]:
    """The acts that the table allows from ``state``, in its order; with ``roles`` only those of these roles. Also those
    that only a meeting does, or that leave the leading department as it is, where the act is one of those."""
    own = None if roles is None else frozenset(roles)
    return tuple(
        act
        for act, rule in TRANSITIONS.items()
        if (
            state in rule.sources
            or (at_meeting and state in rule.at_meeting)
            or (same_department and state in rule.same_department)
        )
        and act != "recorded"
        and (own is None or not own.isdisjoint(rule.roles))
    )


def _step_order(step: Line) -> tuple[int, str, str]:
    return (*version_key(step), step.id)


def _apply_step(
    state: IssueState, step: Line, issue: Line, earlier_steps: Mapping[str, Line], confirmation_required: bool
) -> IssueState:
    act = step.body.get("act", "")
    rule = TRANSITIONS.get(act)
    if rule is None:  # an act of a newer version: stored and shown, but its effect is not known here
        return state
    unconfirmed = confirmation_required and state.state == "settled" and act in ("approved", "returned")
    if unconfirmed or not _is_in_turn(state, step, rule):
        return state._replace(out_of_turn=(*state.out_of_turn, step.id))
    if is_word_of_department(step.body, state.department_id):
        return _with_word(state, step)
    because = _approval_failure(state, step, issue, earlier_steps) if rule.target == "closed" else None
    target = "pending_approval" if because else _target(rule, state, step, earlier_steps)
    progress_at = _happened_at(step) if rule.counts_as_progress else state.progress_at
    reason = because if rule.counts_as_progress else state.because
    state = state._replace(state=target, progress_at=progress_at, last_step=step.id, because=reason)
    return _apply_step_fields(state, step)


def is_word_of_department(body: Body, leading: object) -> bool:
    """Whether a step is the word of a department of the issue, which changes no state: an opinion, or a dispute by
    another department than the ``leading`` one."""
    act, department = body.get("act"), body.get("department_id")
    return act == "opinion" or (act == "disputed" and department is not None and department != leading)


def _is_in_turn(state: IssueState, step: Line, rule: Transition) -> bool:
    body = step.body
    if is_word_of_department(body, state.department_id):
        co_handling = {each.department_id for each in state.co_handlers}
        speaking = co_handling | {state.department_id} - {None} if body["act"] == "opinion" else co_handling
        return state.state in _UNFINISHED_STATES and body.get("department_id") in speaking
    if _is_answered(state, body):
        return False
    if state.state in rule.same_department:
        return bool(body.get("department_id", state.department_id) == state.department_id)
    if state.state in rule.at_meeting:
        return "meeting_id" in body
    return state.state in rule.sources and not _is_at_wrong_level(state, step)


def _is_answered(state: IssueState, body: Body) -> bool:
    """Whether a step answers a request for an extension that is not open."""
    act, request = body.get("act"), body.get("request_id")
    if act == "extension_refused":
        return request is None or request != state.extension
    return act == "extended" and request is not None and request != state.extension


def _is_at_wrong_level(state: IssueState, step: Line) -> bool:
    level: object = step.body.get("level", state.level)
    if step.body["act"] == "resolved":
        return not isinstance(level, int) or level < state.level
    return step.body["act"] == "passed_on" and state.level != TOP_LEVEL - 1


def _with_word(state: IssueState, step: Line) -> IssueState:
    """The state with what a department said; the leading one owes no opinion, so its own is only kept as a step."""
    word = CoHandler(step.body["department_id"], step.id, step.body["act"] == "disputed")
    spoken = tuple(word if each.department_id == word.department_id else each for each in state.co_handlers)
    return state._replace(co_handlers=spoken, last_step=step.id)


def _co_handlers_after(state: IssueState, assignment: Line) -> tuple[CoHandler, ...]:
    """Who co-handles after an assignment: the opinions of those that stay are kept, one that disputed is asked anew."""
    leading = assignment.body.get("department_id", state.department_id)
    kept = {each.department_id: each for each in state.co_handlers if not each.disputed}
    named = assignment.body.get("with_ids")
    departments = [each.department_id for each in state.co_handlers] if named is None else named
    return tuple(kept.get(each, CoHandler(each)) for each in dict.fromkeys(departments) if each != leading)


def _approval_failure(state: IssueState, approval: Line, issue: Line, earlier_steps: Mapping[str, Line]) -> str | None:
    """Why this approval closes nothing; None where it names the current versions."""
    if _is_taken_over(approval):
        return None
    settlement = earlier_steps[state.settlement] if state.settlement else None
    if settlement is None or _approved_version(approval, settlement.id) is None:
        return "settlement_unread"
    if not _covers_version(approval, settlement):
        return "settlement_changed"
    return None if _covers_version(approval, issue) else "issue_changed"


def _target(transition: Transition, state: IssueState, step: Line, earlier_steps: Mapping[str, Line]) -> State:
    if transition.target == "settled" and any(
        _approved_version(earlier, step.id) for earlier in earlier_steps.values()
    ):
        return "pending_approval"  # an approval named this settlement before it was changed
    return state.state if state.state in transition.same_department else transition.target or state.state


def _covers_version(approval: Line, line: Line) -> bool:
    """Whether the approval names this version of the line, or a later one that has not arrived yet."""
    version = _approved_version(approval, line.id)
    return version is not None and version_key(line) <= version


def _is_taken_over(step: Line) -> bool:
    return step.body.get("taken_over") is not None


def _happened_at(step: Line) -> int:
    """When it was done, in ms since 1970: as the table says of what was taken over, else by the stamp."""
    day = stored_day(str(step.body.get("at") or "")) if _is_taken_over(step) else None
    return round(datetime.combine(day, time(12), SHANGHAI).timestamp() * 1000) if day else ms_from_hlc(step.stamp)


def _approved_version(approval: Line, line_id: str) -> tuple[int, str] | None:
    if approval.body.get("act") != "approved":
        return None
    for version in approval.body.get("versions") or ():
        stamp, device = version.get("stamp"), version.get("device")
        if version.get("id") == line_id and type(stamp) is int and isinstance(device, str):
            return stamp, device
    return None


def _apply_step_fields(state: IssueState, step: Line) -> IssueState:
    """The state with the dates, people and level that the step's act sets."""
    act, body = step.body["act"], step.body
    waiting_until = body.get("until") if act == "waiting" else state.waiting_until
    waiting_until = waiting_until if state.state == "waiting" else None
    extension = state.extension
    if act in ("extended", *_EXTENSION_WORDS) or state.state not in _ACTIVE_STATES:
        extension = step.id if act == "extension_asked" else None
    if (waiting_until, extension) != (state.waiting_until, state.extension):
        state = state._replace(waiting_until=waiting_until, extension=extension)
    if act in ("assigned", "extended"):
        state = state._replace(due=body.get("due", state.due))
    if act == "assigned":
        department, owner = body.get("department_id", state.department_id), body.get("owner_id", state.owner_id)
        return state._replace(department_id=department, owner_id=owner, co_handlers=_co_handlers_after(state, step))
    if act in ("escalated", "passed_on"):
        next_level = min(state.level + 1, TOP_LEVEL)
        return state._replace(level=next_level if act == "passed_on" else body.get("level", next_level))
    if act == "settled":
        because = "settlement_changed" if state.state == "pending_approval" else None
        return state._replace(settlement=step.id, because=because)
    if state.state == "closed" and act == "approved":
        approval = None if _is_taken_over(step) else step.id  # what was taken over waits for no number of the central
        number = body.get("close_number") if _is_taken_over(step) else None
        return state._replace(closed_at=_happened_at(step), approval=approval, close_number=number)
    if act in ("reopened", "returned", "rejected"):
        return state._replace(settlement=None, closed_at=None, approval=None, close_number=None)
    return state
