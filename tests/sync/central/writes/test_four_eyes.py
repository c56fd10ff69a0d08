"""Nobody approves their own work (R48), by property: over merges of records, stand-ins and authors, on the central and
on the device, beside a model that knows nothing of either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import NamedTuple

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from store.commands import issues as issue_commands
from store.commands.exceptions import SelfApproval
from store.domain.status_lights import light_thresholds
from store.ledger.buckets import SetChecksum
from store.ledger.hlc import hlc_from_ms
from store.ledger.line import Line, canonical_json, derived_id, new_id
from store.queries.approvals import approvals
from store.queries.stand_ins import own_side
from store.values.times import district_time
from sync.central.accounts.assignment_book import AssignmentBook
from sync.central.accounts.authentication import Caller
from sync.central.accounts.scope import BucketOwner, Grant
from sync.central.writes.merge_batch import ExistingState, MergeBatch
from sync.central.writes.validation import InvalidLine, ValidLine, validate_line
from tests.examples import examples
from tests.store.devices import START_MS, SetClock, device

DAY_MS = 86_400_000
PLACE = derived_id("four eyes", "place")
PEOPLE = [derived_id("person", name) for name in "甲乙丙"]
ME, CLERK = PEOPLE[0], derived_id("person", "文书")
WHERE, ELSEWHERE = derived_id("device", "desk"), derived_id("device", "elsewhere")

STRANGER = derived_id("person", "丁")
someone = st.sampled_from(PEOPLE)
signature = st.sampled_from([
    *[(STRANGER, None)] * 8, *((each, None) for each in PEOPLE), *((STRANGER, each) for each in PEOPLE)
])  # fmt: skip
"""Who wrote a line, and in whose place: most often nobody who matters, so that what matters stands alone."""


class StandIn(NamedTuple):
    """Who acts for whom, from a day to another, counted from today."""

    person: str
    principal: str
    first: int
    last: int

    def holds(self, day: int) -> bool:
        """Whether it is in force on a day."""
        return self.first <= day <= self.last


class Case(NamedTuple):
    """An issue with its signatures (author, in whose place), and what is known of the people. ``recorded`` are those of
    its versions; ``settled`` those of its settlements; the approval is written ``age`` days ago, ``in_place`` of
    somebody. ``hidden`` are the stand-ins and merges that the push of the approval ends before it."""

    recorded: Sequence[tuple[str, str | None]]
    settled: Sequence[tuple[str, str | None]]
    merges: Sequence[tuple[str, str]]
    stand_ins: Sequence[StandIn]
    in_place: str | None
    age: int
    hides: bool


stand_ins = st.builds(
    StandIn, st.sampled_from(PEOPLE[:2]), st.sampled_from(PEOPLE[1:]), st.integers(-2, 1), st.integers(-1, 1)
)
cases = st.builds(
    Case, st.lists(signature, min_size=1, max_size=2), st.lists(signature, min_size=1, max_size=2),
    st.lists(st.tuples(someone, someone), max_size=2, unique_by=lambda pair: pair[0]),
    st.lists(stand_ins, max_size=2), st.sampled_from([None] * 6 + PEOPLE[1:]), st.integers(0, 1), st.booleans(),
)  # fmt: skip


JIA, YI, BING = PEOPLE
BY_STRANGER, BY_YI, BY_BING = (((each, None),) for each in (STRANGER, YI, BING))
MERGED = Case(BY_YI, BY_STRANGER, [(JIA, YI)], (), None, 0, hides=False)
MERGED_PRINCIPAL = Case(BY_BING, BY_STRANGER, [(BING, YI)], (), YI, 0, hides=False)
STAMPED_BEFORE = Case(BY_YI, BY_STRANGER, (), [StandIn(JIA, YI, 0, 0)], None, 1, hides=False)
STAMPED_THEN = Case(BY_YI, BY_STRANGER, (), [StandIn(JIA, YI, -1, -1)], None, 1, hides=False)
HIDDEN = Case(BY_STRANGER, BY_BING, [(YI, BING)], [StandIn(JIA, YI, 0, 0)], None, 0, hides=True)


def is_own(case: Case, days: Sequence[int]) -> bool:
    """The model: people are the groups that merges make of their records. Whether the approver, those for whom they
    stand in on one of the days, or the one in whose place they approve, recorded or settled the issue, or somebody in
    the place of one of these."""
    groups = [{person} for person in (*PEOPLE, STRANGER)]
    for old, new in case.merges:
        joined = [group for group in groups if group & {old, new}]
        groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    same = {person: group for group in groups for person in group}
    side = same[ME] | (same[case.in_place] if case.in_place else set())
    for each in case.stand_ins:
        if each.person in same[ME] and any(each.holds(day) for day in days):
            side = side | same[each.principal]
    signed = [case.recorded[0], case.recorded[-1], *case.settled]
    return any(person in side for pair in signed for person in pair)


class Written(NamedTuple):
    """The lines of a case; ``earlier`` is the issue before it was edited."""

    earlier: list[Line]
    issue: Line
    steps: list[Line]
    granting: list[Line]

    def approval(self, case: Case) -> Line:
        """The approval of the issue as it is."""
        versions = [
            {"id": each.id, "stamp": each.stamp, "device": each.device} for each in (self.issue, self.steps[-1])
        ]
        body = {"issue_id": self.issue.id, "act": "approved", "versions": versions}
        made = made_line("issue_step", ME, case.in_place, -case.age * DAY_MS, body, PLACE)
        return made._replace(device=WHERE)


def made_line(
    kind: str, author: str, principal: str | None, at: int, body: Mapping[str, object], place: str | None
) -> Line:
    """A line of somebody, so many milliseconds from now."""
    acting = {"acting_for_id": principal} if principal else {}
    return Line(new_id(), kind, place, hlc_from_ms(START_MS + at), ELSEWHERE, author, False, {**body, **acting})


def of_issue(issue: Line, author: str, principal: str | None, at: int, act: str, **body: object) -> Line:
    """A step of an issue, eight days ago."""
    return made_line(
        "issue_step", author, principal, at - 8 * DAY_MS, {"issue_id": issue.id, "act": act, **body}, PLACE
    )


def written(case: Case) -> Written:
    """The lines that say a case."""
    text = {"number": "1", "title": "缺电", "kind": "problem"}
    versions = [
        made_line("issue", *pair, at - 9 * DAY_MS, text, PLACE) for at, pair in enumerate(case.recorded)
    ]  # fmt: skip
    versions = [
        each._replace(id=versions[0].id, base=versions[0].stamp if at else 0) for at, each in enumerate(versions)
    ]
    steps = [of_issue(versions[0], CLERK, None, 0, "assigned", department_id=PLACE)]
    steps.append(of_issue(versions[0], CLERK, None, 1, "accepted"))
    for pair in case.settled:
        if steps[-1].body["act"] == "settled":
            steps.append(of_issue(versions[0], CLERK, None, len(steps), "returned", reason="补照片"))
        steps.append(of_issue(versions[0], *pair, len(steps), "settled", measure="接电", evidence="照片"))
    merges = [
        made_line("merge", ME, None, -7 * DAY_MS, {"what": "person", "from_id": old, "into_id": new}, None)
        for old, new in case.merges
    ]
    stand_ins = [
        made_line("assignment", ME, None, -7 * DAY_MS, {
            "role": "stand_in", "person_id": each.person, "for_id": each.principal, "from_date": day(each.first),
            "to_date": day(each.last),
        }, None)
        for each in case.stand_ins
    ]  # fmt: skip
    return Written(versions[:-1], versions[-1], steps, [*merges, *stand_ins])


def day(offset: int) -> str:
    """A day of the district, so many from today."""
    return (district_time(START_MS).date() + timedelta(days=offset)).isoformat()


def is_refused_at_central(case: Case) -> bool:
    """Whether the central refuses the approval; where the case ``hides``, after the end of all that says who the
    approver is, in the same push."""
    lines = written(case)
    caller = Caller("210903", "a", ME, "我", WHERE, "", 0, (Grant("bureau"),), "", "", "", 0, SetChecksum(), "")
    bucket = f"i:{lines.issue.id}"
    numbers = count(1)
    existing = ExistingState(
        {bucket: BucketOwner(bucket, "i", PLACE, None)}, {}, {bucket: [lines.issue, *lines.steps]},
        earlier={bucket: lines.earlier}, book=AssignmentBook(lines.granting),
    )  # fmt: skip
    batch = MergeBatch(caller, existing, START_MS, lambda: next(numbers))
    if case.hides:
        for line in lines.granting:
            ending = line._replace(base=line.stamp, stamp=hlc_from_ms(START_MS), device=WHERE, deleted=True)
            assert batch.merge_line(valid(ending)).outcome == "applied"
    return batch.merge_line(valid(lines.approval(case))).code == "forbidden"


def valid(line: Line) -> ValidLine | InvalidLine:
    """The line as it is received."""
    return validate_line(orjson.loads(canonical_json(line)), START_MS)


@pytest.mark.proves("R48")
@settings(max_examples=examples(150))
@example(case=MERGED)
@example(case=MERGED_PRINCIPAL)
@example(case=STAMPED_BEFORE)
@example(case=STAMPED_THEN)
@example(case=HIDDEN)
@given(case=cases)
def test_the_central_refuses_exactly_what_is_the_approvers_own(case: Case) -> None:
    """Whoever the approver is under whichever record, for whomever they stand in now or by the stamp, in whose place
    they say to approve, and whatever the same push ends before: their own work they do not approve, all other they
    do."""
    assert is_refused_at_central(case) == is_own(case, (0, -case.age))


class Desk:
    """The officer's device: it receives the lines of one case after the other."""

    def __init__(self, folder: Path) -> None:
        self._clock = SetClock()
        self.ledger = device(folder, "desk", clock=self._clock)
        self.ledger.merge(
            [
                made_line("person", each, None, -9 * DAY_MS, {"name": each[-4:]}, None)._replace(id=each)
                for each in PEOPLE
            ]
        )

    def refuses(self, case: Case) -> tuple[bool, bool]:
        """Whether the command refuses the approval, and whether the issue is left out of what waits."""
        lines = written(case)
        for page in ([*lines.granting, *lines.earlier], [lines.issue, *lines.steps]):
            self.ledger.merge(page)
        try:
            is_left_out = self._is_left_out(lines.issue.id)
            return self._is_refused(lines.issue.id, case.in_place), is_left_out
        finally:
            over = (*lines.granting, lines.issue)
            self.ledger.merge([each._replace(base=each.stamp, stamp=each.stamp + 1, deleted=True) for each in over])

    def _is_left_out(self, issue: str) -> bool:
        connection, on = self.ledger.database.connection(), light_thresholds(district_time(START_MS).date())
        return issue not in {row.id for row in approvals(connection, on, own_side(connection, on.today))}

    def _is_refused(self, issue: str, in_place: str | None) -> bool:
        with self.ledger.acting_for(in_place):
            try:
                issue_commands.act(self.ledger, issue, "approve")
            except SelfApproval:
                return True
        return False


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One device for all cases."""
    return Desk(tmp_path_factory.mktemp("desk"))


@pytest.mark.proves("R48")
@settings(max_examples=examples(20))
@example(case=MERGED)
@example(case=MERGED_PRINCIPAL)
@example(case=STAMPED_BEFORE)
@example(case=STAMPED_THEN)
@example(case=HIDDEN)
@given(case=cases)
def test_a_device_refuses_what_the_central_would(desk: Desk, case: Case) -> None:
    """The command refuses the officer's own work before it is written, by whatever lines say who they are; the list of
    what waits leaves it out, so that no approval comes back refused."""
    refused, is_left_out = desk.refuses(case)
    assert refused == is_own(case, (0,))
    assert is_left_out == is_own(case._replace(in_place=None), (0,))
