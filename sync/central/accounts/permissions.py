"""Apply the table of who may write what (``store/domain/permissions.py``) to a pushed line, within the role's scope.

A reason names what is rejected, never what exists elsewhere: out of scope and missing get the same answer
(``sync/central/writes/merge_batch.py``).
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence

from store.domain.clocks import extending_role
from store.domain.erasures import ERASURE, says_nothing
from store.domain.issue_lifecycle import TRANSITIONS, is_word_of_department
from store.domain.permissions import (
    ATTACHMENT,
    ATTACHMENT_FACTS,
    ISSUE_STEP,
    PERSON,
    ROLE_PERMISSIONS,
    may_act,
    may_always,
)
from store.domain.time_rules import LimitRule
from store.ledger.buckets import Area
from store.ledger.kind_facts import Verb, is_deletable
from store.ledger.line import Line
from sync.central.accounts.scope import DEPARTMENT_ROLES, BucketOwner, Grant, covers

PROJECT, ISSUE, CLOSE_OUT = "project", "issue", "close_out"
ACTING_FOR = "acting_for_id"
"""The field of a line with the person in whose place its author wrote it."""


def denial_reason(
    grants: Sequence[Grant], line: Line, owner: BucketOwner, existing: Line | None, *, damaged: bool = False
) -> str | None:
    """Why none of the roles may write this line in this bucket over ``existing``; None when one may. ``damaged``: a
    version exists, but cannot be read. Approvals also need `approval_denial_reason`, and a line in another's place
    `acting_denial_reason`. Everybody may write their own person line, their own phone if their scope has phones, what
    they keep for themselves, and who stands in for them."""
    if reason := _universal_denial_reason(line, existing):
        return reason
    verb: Verb = "delete" if line.deleted else "change" if existing or damaged else "create"
    if may_always(line, existing):
        return None
    departments = {grant.department for grant in grants if grant.role in DEPARTMENT_ROLES}
    covering = [grant for grant in grants if covers(grant, owner)]
    if line.kind == ATTACHMENT and existing is not None and not _same_file(line, existing):
        return None if any(_may_erase(grant, line) for grant in covering) else _ANOTHER_FILE
    if any(_may(grant, verb, line, owner, departments) for grant in covering):
        return None
    if line.kind == ISSUE_STEP:
        at = f" at level {line.body['level']}" if "level" in line.body else ""
        return f"none of your roles may write that an issue here was {line.body.get('act')}{at}"
    return f"none of your roles may {verb} a {line.kind} here"


def _may(grant: Grant, verb: Verb, line: Line, owner: BucketOwner, departments: Container[str | None]) -> bool:
    if verb not in ROLE_PERMISSIONS[grant.role].verbs_for(line.kind, Area(owner.area), line.body.get("of_kind")):
        return False
    if line.kind != ISSUE_STEP:
        return True
    may_speak = grant.role not in DEPARTMENT_ROLES or _may_speak(departments, line, owner)
    return may_speak and may_act(grant.role, line.body.get("act"), line.body.get("level"))


def _may_speak(departments: Container[str | None], step: Line, owner: BucketOwner) -> bool:
    """Whether a step is one that these departments of its author may write on an issue that one of them handles: their
    own word, be they leading or co-handling; all else only as the one that leads. A department that was merged has
    several ids: the step may name another than the bucket has."""
    if is_word_of_department(step.body, owner.department):
        return step.body.get("department_id") in departments
    return owner.department in departments


def _universal_denial_reason(line: Line, existing: Line | None) -> str | None:
    if line.kind == CLOSE_OUT:
        return "close-out numbers are given by the central"
    if line.deleted and not is_deletable(line.kind):
        return f"a {line.kind} is never deleted"
    if line.kind == PROJECT and line.project != line.id:
        return "a project lies in its own bucket"
    if line.kind == ISSUE_STEP and existing is not None and not _same_act(line, existing):
        return "steps are only ever added"
    return None


_ANOTHER_FILE = "an attachment stays the file of the line that it is"


def _may_erase(grant: Grant, line: Line) -> bool:
    """Whether who has this role may leave nothing of an attached file but that it was erased."""
    return says_nothing(line) and "create" in ROLE_PERMISSIONS[grant.role].verbs_for(ERASURE, Area.DISTRICT)


def _same_file(line: Line, existing: Line) -> bool:
    """Whether a version is of the file that there is. Of an erased one any is: who has been away knows of nothing."""
    return says_nothing(existing) or all(line.body.get(name) == existing.body.get(name) for name in ATTACHMENT_FACTS)


def _same_act(line: Line, existing: Line) -> bool:
    return line.author == existing.author and line.body.get("act") == existing.body.get("act")


LATE_WORK: Mapping[str, frozenset[Verb]] = {
    "visit": frozenset({"create", "change"}),
    ISSUE: frozenset({"create", "change"}),
    ISSUE_STEP: frozenset({"create"}),
    ATTACHMENT: frozenset({"create"}),
    PERSON: frozenset({"create"}),
}
"""What a role still covers after it was withdrawn, of what was written before: the holder's own work, and the people
that it names. Nobody assigns, sets a limit, evaluates or strikes out with a stamp of then."""
_DECISIONS = frozenset(
    {"assigned", "extended", "extension_refused", "resolved", "approved", "returned", "reopened", "cancelled"}
)
"""Acts that decide about an issue or its limits: they need a present role."""


def is_late_work(role: str, line: Line, existing: Line | None) -> bool:
    """Whether a role that was withdrawn after this line was written still covers it. A step must be the role's own in
    the transition table, and no decision; its author may send it again."""
    is_own_again = existing is not None and existing.author == line.author and line.kind == ISSUE_STEP
    verb: Verb = "delete" if line.deleted else "create" if existing is None or is_own_again else "change"
    if verb not in LATE_WORK.get(line.kind, frozenset()):
        return False
    act = str(line.body.get("act"))
    return line.kind != ISSUE_STEP or (act not in _DECISIONS and act in TRANSITIONS and role in TRANSITIONS[act].roles)


def is_approval(line: Line) -> bool:
    """Whether this line approves a settlement (R48)."""
    return line.kind == ISSUE_STEP and line.body.get("act") == "approved" and not line.deleted


def extends_due(line: Line) -> bool:
    """Whether this line extends a due date, or refuses to."""
    acts = ("extended", "extension_refused")
    return line.kind == ISSUE_STEP and line.body.get("act") in acts and not line.deleted


def extension_denial_reason(
    grants: Sequence[Grant], step: Line, lines: Iterable[Line], rules: Sequence[LimitRule], side: Collection[str]
) -> str | None:
    """Why its author may not answer for the due date of the issue whose lines these are, with these ``grants`` there;
    None when they may. A time rule may leave it to one role, and nobody answers a request of their own ``side``."""
    known = [*lines]
    issue = next((line for line in known if line.kind == ISSUE), None)
    wanted = extending_role(issue, known, rules) if issue else None
    if wanted is not None and not {wanted, "bureau"} & {grant.role for grant in grants}:
        return f"by the district's rule a due date here is extended by this role alone: {wanted}"
    request = next((line for line in known if line.id == step.body.get("request_id")), None)
    if request is not None and (_people_of(step) | set(side)) & _people_of(request):
        return "nobody answers a request of their own"
    return None


def acting_denial_reason(
    grants: Sequence[Grant], line: Line, existing: Line | None, principals: Collection[str]
) -> str | None:
    """Why its author may not write a line in the place of whom it names; None when they may: who stands in for them
    (``principals``, by the ledger), the bureau, which enters for offices, and whoever leaves that as it was."""
    acting_for = line.body.get(ACTING_FOR)
    if acting_for is not None and not isinstance(acting_for, str):  # of a kind whose model does not say what it is
        return "whom the line names is no person's id"
    if acting_for is None or acting_for in principals or any(grant.role == "bureau" for grant in grants):
        return None
    if existing is not None and existing.body.get(ACTING_FOR) == acting_for:
        return None
    return "you do not stand in for the person whom the line names"


def approval_denial_reason(
    approval: Line, lines: Iterable[Line], earlier: Sequence[Line] = (), principals: Collection[str] = ()
) -> str | None:
    """Why its author may not approve the issue whose lines these are; None when they may. ``earlier`` are versions that
    were replaced, in the order in which they arrived; ``principals`` those for whom the author stands in. Nobody
    approves an issue that they recorded or settled themselves, or somebody in their place, whoever edited it since, nor
    through who stands in for them; nor a version that the central does not have. Asking the
    enterprise for its satisfaction, or approving before a reopening, is no obstacle."""
    current = list(lines)
    first: dict[str, Line] = {}
    for version in (*earlier, *current):
        first.setdefault(version.id, version)
    own = [line for line in (*first.values(), *current) if line.kind == ISSUE or _settles(line)]
    if (_people_of(approval) | set(principals)) & {person for line in own for person in _people_of(line)}:
        return "nobody approves their own line"
    known = {(line.id, line.stamp, line.device) for line in (*earlier, *current)}
    versions = approval.body.get("versions") or []
    named = {_version_key(version) for version in versions} if isinstance(versions, list) else {None}
    return None if named <= known else "the approval names a version that has not arrived here"


def _people_of(line: Line) -> set[object]:
    """Who wrote a line, and in whose place."""
    return {line.author, line.body.get(ACTING_FOR)} - {None}


def _version_key(version: object) -> tuple[object, ...] | None:
    """What an approval names a version by; None when it is something else."""
    if not isinstance(version, dict):
        return None
    key = tuple(version.get(name) for name in ("id", "stamp", "device"))
    return key if all(isinstance(part, str | int) for part in key) else None


def _settles(line: Line) -> bool:
    return line.kind == ISSUE_STEP and line.body.get("act") == "settled"
