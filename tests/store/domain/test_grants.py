"""What assignments grant on a day: one table, and properties over any order of lines, moves, dates, merges, returns."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.domain.grants import (
    Grant,
    RoleTerm,
    change_days,
    grants_on,
    own_grants_on,
    role_term,
    stand_ins_on,
)
from store.ledger.line import derived_id
from tests.examples import examples

P, Q, JIA, YI, BING, OFFICE, FORMER = (derived_id("grants", name) for name in "PQ甲乙丙局旧")
FIRST_DAY = date(2026, 1, 1)
DAYS = [(FIRST_DAY + timedelta(days=n)).isoformat() for n in range(12)]
ROLES = ("butler", "project_secretary", "lead_leader", "department", "bureau", "auditor", "stand_in", "service_team")

maybe_day = st.none() | st.sampled_from(DAYS)
terms = st.lists(
    st.builds(
        RoleTerm, st.sampled_from(ROLES), st.sampled_from([JIA, YI, BING]), st.sampled_from([None, P, Q]),
        st.sampled_from([None, OFFICE]), st.sampled_from([None, JIA, YI]), maybe_day, maybe_day,
    ),
    max_size=8,
)  # fmt: skip
merges = st.sampled_from([{}, {YI: JIA}, {YI: JIA, BING: JIA}, {FORMER: OFFICE}])


@pytest.mark.proves("R06", "R07", "R15", "R16", "R31")
@pytest.mark.parametrize(
    ("project", "body", "granted"),
    [
        (P, {"role": "butler"}, [Grant("butler", P)]),
        (P, {"role": "project_secretary"}, [Grant("butler", P)]),
        (P, {"role": "lead_leader"}, [Grant("lead_leader", P)]),
        (None, {"role": "butler"}, [Grant("butler")]),
        (None, {"role": "department", "unit_id": OFFICE}, [Grant("department", None, OFFICE)]),
        (P, {"role": "department_contact", "unit_id": OFFICE}, [Grant("department", None, OFFICE)]),
        (P, {"role": "department_contact"}, []),
        (None, {"role": "bureau"}, [Grant("bureau")]),
        (None, {"role": "principal_leader"}, [Grant("principal_leader")]),
        (None, {"role": "supervision_office"}, [Grant("supervision_office")]),
        (None, {"role": "auditor"}, [Grant("auditor")]),
        (P, {"role": "bureau"}, []),
        (P, {"role": "service_team"}, []),
        (P, {"role": "enterprise_contact"}, []),
        (P, {"role": "mayor"}, []),
        (P, {"role": "butler", "from_date": "2026-01-05"}, [Grant("butler", P)]),
        (P, {"role": "butler", "from_date": "2026-01-06"}, []),
        (P, {"role": "butler", "to_date": "2026-01-05"}, [Grant("butler", P)]),
        (P, {"role": "butler", "to_date": "2026-01-04"}, []),
        (P, {"role": "butler", "to_date": "soon"}, []),
        (P, {"role": "butler", "person_id": "nobody"}, []),
    ],
)
def test_what_an_assignment_grants(project: str | None, body: dict[str, str], granted: list[Grant]) -> None:
    """Who serves a project, a department or the district has its role on the days of the assignment, and no other."""
    term = role_term(project, {"person_id": JIA, **body})
    assert grants_on([term] if term else [], "2026-01-05") == ({JIA: frozenset(granted)} if granted else {})


def test_a_unit_alone_has_no_grants() -> None:
    """An assignment of a unit, or of nobody, grants nothing."""
    assert role_term(P, {"role": "lead_unit", "unit_id": OFFICE}) is None
    assert role_term(P, {}) is None


def test_a_stand_in_has_what_the_other_has_and_passes_nothing_on() -> None:
    """B stands in for A until a day: B has A's grants on these days; who stands in for B has none of them. Without a
    last day a stand-in grants nothing, nor does one for oneself."""
    own = [RoleTerm("butler", JIA, P), RoleTerm("lead_leader", YI, Q)]
    for_a = RoleTerm("stand_in", YI, principal=JIA, last=DAYS[3])
    held = [*own, for_a, RoleTerm("stand_in", BING, principal=YI, last=DAYS[5])]
    assert grants_on(held, DAYS[3]) == {
        JIA: {Grant("butler", P)}, YI: {Grant("lead_leader", Q), Grant("butler", P)}, BING: {Grant("lead_leader", Q)},
    }  # fmt: skip
    assert grants_on(held, DAYS[4])[YI] == own_grants_on(held, DAYS[3])[YI] == {Grant("lead_leader", Q)}
    assert stand_ins_on(held, DAYS[4]) == {BING: {YI}}
    nothing = [for_a._replace(last=None), for_a._replace(principal=YI), for_a._replace(project=P)]
    assert stand_ins_on(nothing, DAYS[0]) == {}


def test_merged_records_are_one() -> None:
    """Grants of a merged person are those of who stays, and a department is served under every id that it has had."""
    held = [RoleTerm("butler", YI, P), RoleTerm("department", JIA, unit=FORMER)]
    both = {Grant("department", None, FORMER), Grant("department", None, OFFICE)}
    assert grants_on(held, DAYS[0], {YI: JIA, FORMER: OFFICE}) == {JIA: {Grant("butler", P)} | both}
    held[1] = held[1]._replace(unit=OFFICE)
    assert grants_on(held, DAYS[0], {FORMER: OFFICE}) == {YI: {Grant("butler", P)}, JIA: both}
    lent = [RoleTerm("butler", JIA, P), RoleTerm("stand_in", BING, principal=YI, last=DAYS[0])]
    assert grants_on(lent, DAYS[0], {YI: JIA})[BING] == {Grant("butler", P)}
    assert stand_ins_on(lent, DAYS[0], {YI: JIA, BING: Q}) == {Q: {JIA}}
    assert stand_ins_on(lent, DAYS[0], {YI: BING}) == {}


def test_change_days_are_those_after_one_and_up_to_another() -> None:
    """The first day of a term and the day after its last one; the day that was applied already is not named again."""
    held = [RoleTerm("butler", JIA, P, first=DAYS[1], last=DAYS[3]), RoleTerm("butler", YI, P)]
    assert change_days(held, DAYS[0], DAYS[5]) == [DAYS[1], DAYS[4]]
    assert change_days(held, DAYS[1], DAYS[4]) == [DAYS[4]]
    assert change_days(held, DAYS[1], DAYS[3]) == []


@settings(max_examples=examples(60))
@given(held=terms, merged=merges, day=st.sampled_from(DAYS), data=st.data())
def test_the_order_of_lines_changes_nothing(
    held: list[RoleTerm], merged: dict[str, str], day: str, data: st.DataObject
) -> None:
    """Moves may arrive in any order: the same lines give the same grants."""
    assert grants_on(data.draw(st.permutations(held)), day, merged) == grants_on(held, day, merged)


@settings(max_examples=examples(60))
@given(held=terms, merged=merges)
def test_grants_change_on_the_days_that_are_named_and_on_no_other(held: list[RoleTerm], merged: dict[str, str]) -> None:
    """Between two change days nothing begins and nothing ends, so that whoever looks then knows of every change."""
    changes = set(change_days(held, DAYS[0], DAYS[-1]))
    for before, day in itertools.pairwise(DAYS):
        if day not in changes:
            assert grants_on(held, before, merged) == grants_on(held, day, merged)


@settings(max_examples=examples(60))
@given(held=terms, merged=merges, day=st.sampled_from(DAYS))
def test_nobody_has_more_than_somebody_was_given(held: list[RoleTerm], merged: dict[str, str], day: str) -> None:
    """What a person has is their own or that of somebody whom they stand in for; a line that is withdrawn and written
    again restores the very same."""
    own, stands_in = own_grants_on(held, day, merged), stand_ins_on(held, day, merged)
    for person, grants in grants_on(held, day, merged).items():
        sources: Sequence[str] = [person, *stands_in.get(person, ())]
        assert grants == frozenset().union(*(own.get(each, frozenset()) for each in sources))
    if held:
        assert grants_on([*held[1:], held[0]], day, merged) == grants_on(held, day, merged)
        assert grants_on(held[1:], day, merged).get(held[0].person, frozenset()) <= grants_on(held, day, merged).get(
            merged.get(held[0].person, held[0].person), frozenset()
        )
