"""Writing in the books: what a person types, what the line keeps, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from store.commands import evaluations, issues, meetings, procedures, register_lines, trainings
from store.commands.exceptions import FieldMissing, LineExists
from store.domain.registers import (
    ADOPTION_REGISTER,
    DATA_RETURN_REGISTER,
    DELIVERY_REGISTER,
    EVALUATION_REGISTER,
    FOLLOW_UP_REGISTER,
    POLICY_REGISTER,
    PROCEDURE_REGISTER,
    PROGRESS_REGISTER,
    REGISTERS,
    STATISTICS_REGISTER,
    TRAINING_REGISTER,
    Register,
)
from store.exceptions import BadAmount, BadTime, LineNotFound
from store.queries.details import critical_path, projects_without_policy, training_hours, with_details
from store.queries.register_lines import listing, row, rows
from tests.store.devices import MergeOnlyCentral, device, sync
from tests.store.queries.sample import Sample


def shown(district: Sample, book: Register, line_id: str) -> dict[str, Any]:
    """One line with what follows from it."""
    found = row(district.connection, book, line_id)
    assert found is not None
    return with_details(district.connection, book, found, district.on)


@pytest.mark.proves("R26", "R59")
def test_a_policy_reaches_projects_in_three_dated_acts(district: Sample) -> None:
    """A circular keeps its own facts; each act is a line, and who has not been told is known."""
    policy = register_lines.add(district.ledger, POLICY_REGISTER, title="用电优惠", issuer="区政府",
    issued="2026-09-01",
    text="减半",
                       recipients="各镇;各部门", annexes="附件1", publicity="public").id  # fmt: skip
    before = shown(district, POLICY_REGISTER, policy)
    assert (before["transmit"], before["untold"]) == (0, ["供水改造工程", "供热  改造"])
    for act in ("transmit", "interpret", "implement"):
        register_lines.add(
            district.ledger, DELIVERY_REGISTER, project=district.water, policy="用电优惠", act=act, at="今天 09:00"
        )
    after = shown(district, POLICY_REGISTER, policy)
    assert [after[act] for act in ("transmit", "interpret", "implement")] == [1, 1, 1]
    assert [one["name"] for one in projects_without_policy(district.connection, policy)] == ["供热  改造"]
    assert (after["recipients"], after["annexes"], after["number"]) == (["各镇", "各部门"], ["附件1"], None)


@pytest.mark.proves("R10", "R21")
def test_monthly_figures_tell_who_is_behind(district: Sample) -> None:
    """The completion rate is of the year's plan; three quarters gone with half done is 25 points behind."""
    made = register_lines.add(
        district.ledger, PROGRESS_REGISTER, project="供水改造工程", month="2026年9月", planned="1.2亿", done="6000万"
    )
    found = shown(district, PROGRESS_REGISTER, made.id)
    assert (found["month"], found["planned"], found["done"]) == ("2026-09", 120_000_000, 60_000_000)
    assert (found["rate"], found["lag"], found["behind"]) == (50.0, 25.0, True)
    with pytest.raises(LineExists):
        register_lines.add(district.ledger, PROGRESS_REGISTER, project="供水改造工程", month="2026-09", planned="1亿")
    register_lines.edit(district.ledger, PROGRESS_REGISTER, made.id, done="9100万")
    assert shown(district, PROGRESS_REGISTER, made.id)["behind"] is False


@pytest.mark.proves("R23")
def test_the_statistics_entry_names_its_missing_papers(district: Sample) -> None:
    """Papers are noted one by one on one line of the project; what is missing is told, and a late return too."""
    first = register_lines.upsert(district.ledger, STATISTICS_REGISTER, project=district.water, filing="2026-03-01")
    again = register_lines.upsert(
        district.ledger, STATISTICS_REGISTER, project=district.water, contract="2026-04-01", entered="2026-05-01"
    )
    assert first.id == again.id
    found = shown(district, STATISTICS_REGISTER, first.id)
    assert (found["filing"], found["missing"]) == ("2026-03-01", ["photo", "licence"])
    owed = register_lines.add(
        district.ledger, DATA_RETURN_REGISTER, project=district.water, period="2026-08", due="2026-09-10"
    )
    assert shown(district, DATA_RETURN_REGISTER, owed.id)["late"] is True
    register_lines.edit(district.ledger, DATA_RETURN_REGISTER, owed.id, returned="2026-09-12")
    assert shown(district, DATA_RETURN_REGISTER, owed.id)["late"] is False


@pytest.mark.proves("R44", "R45")
def test_hours_per_person_by_unit(district: Sample) -> None:
    """Who attended are lines of their own; hours add up per person and kind, and who is taken off no longer counts.
    A training without a title is called by its kind, in words."""
    made = trainings.record_training(
        district.ledger, kind="integrity", organiser="纪委", at="2026-05-01", hours="1.5", who="甲建国;丁水"
    )
    trainings.record_training(
        district.ledger, kind="professional", organiser="营商局", at="2026-06-01", hours="2", who="丁水"
    )
    hours = {one["person"]: (one["integrity"], one["professional"]) for one in training_hours(district.connection)}
    assert hours == {"甲建国": (1.5, 0.0), "丁水": (1.5, 2.0)}
    trainings.edit(district.ledger, made.id, who="甲建国", place="三楼")
    found = shown(district, TRAINING_REGISTER, made.id)
    assert ([one["name"] for one in found["who"]], found["place"]) == (["甲建国"], "三楼")
    assert found["title"] == "廉洁教育"


@pytest.mark.proves("R54", "R55", "R56")
def test_criticism_names_its_reason_and_basis(district: Sample) -> None:
    """Units and persons are commended or criticised, with a reason; criticism by one of the three, and its basis."""
    person = evaluations.evaluate(
        district.ledger, period="2026Q3", person="丁水", outcome="commendation", reason="解难题"
    )
    assert shown(district, EVALUATION_REGISTER, person.id)["outcome"] == "commendation"
    unit = evaluations.evaluate(
        district.ledger, period="2026Q3", unit="水务局", score="61.5", outcome="criticism", reason="应付了事"
    )
    found = shown(district, EVALUATION_REGISTER, unit.id)
    assert (found["fault"], found["score"]) == ("perfunctory", 61.5)
    assert found["basis"] == evaluations.LEGAL_BASIS
    with pytest.raises(FieldMissing):
        evaluations.evaluate(district.ledger, period="2026", unit="水务局", outcome="criticism", reason="不好")
    with pytest.raises(FieldMissing):
        evaluations.evaluate(district.ledger, period="2026", unit="水务局", person="丁水", outcome="none")


@pytest.mark.proves("R52", "R53")
def test_an_evaluation_can_be_checked_by_the_ledger(district: Sample) -> None:
    """Beside the score stand what was settled in time, disputed and returned, counted from the issues themselves."""
    for verb, given in (
        ("assign", {"department": "水务局", "owner": "丁水", "due": "+5"}), ("dispute", {"reason": "不归我"}),
        ("assign", {}), ("accept", {}), ("settle", {"measure": "接通", "evidence": "照片"}),
    ):  # fmt: skip
        district.clock.now += 1000
        district.act(district.issue, verb, **given)
    made = evaluations.evaluate(
        district.ledger, period="2026", unit="水务局", outcome="none", lines=["time=30", "open=10.5"]
    )
    found = shown(district, EVALUATION_REGISTER, made.id)
    facts = {name: found["facts"][name] for name in ("issues", "settled", "in_time", "disputed", "returned", "overdue")}
    assert facts == {"issues": 1, "settled": 1, "in_time": 1, "disputed": 1, "returned": 0, "overdue": 0}
    assert (found["score"], found["scores"]) == (
        40.5,
        [{"line": "time", "points": 300}, {"line": "open", "points": 105}],
    )


@pytest.mark.proves("R51")
def test_adoption_is_one_line_a_unit(district: Sample) -> None:
    """Noting a unit again changes its line, and keeps the one before in its history."""
    first = register_lines.upsert(district.ledger, ADOPTION_REGISTER, unit="住建局", status="not_yet", day="2026-01-05")
    again = register_lines.upsert(district.ledger, ADOPTION_REGISTER, unit="住建局", status="set_up", day="2026-03-01")
    assert first.id == again.id
    assert [one["status"] for one in rows(district.connection, ADOPTION_REGISTER)] == ["set_up"]


@pytest.mark.proves("R19", "R20", "R57")
def test_the_standard_procedures_are_proposed_and_edited(district: Sample) -> None:
    """A new project gets what its category needs; proposing again adds nothing; people add their own."""
    added = procedures.propose(district.ledger, "供热  改造")
    codes = {
        one["code"]
        for one in rows(district.connection, PROCEDURE_REGISTER, listing(PROCEDURE_REGISTER, project=district.heat))
    }
    assert {"project_filing", "land_grant", "land_planning_permit", "eia", "construction_permit"} <= codes
    assert len(added) == len(codes) and procedures.propose(district.ledger, district.heat) == []
    continuing = {
        one["code"]
        for one in rows(district.connection, PROCEDURE_REGISTER, listing(PROCEDURE_REGISTER, project=district.water))
    }
    assert continuing == set()
    register_lines.add(
        district.ledger, PROCEDURE_REGISTER, project=district.heat, code="own", name="占道审批", status="not_started"
    )
    assert len(rows(district.connection, PROCEDURE_REGISTER)) == len(codes) + 1


@pytest.mark.proves("R32")
def test_a_procedure_says_how_far_it_is_and_who_handles_it(district: Sample) -> None:
    """Conditional acceptance needs the promise's date, not-applicable its reason; a broken promise is late."""
    made = register_lines.add(
        district.ledger, PROCEDURE_REGISTER, project=district.heat, code="soil_water", name="水保", status="not_started"
    )
    with pytest.raises(FieldMissing):
        procedures.set_status(district.ledger, made.id, "conditional")
    with pytest.raises(FieldMissing):
        procedures.set_status(district.ledger, made.id, "not_applicable")
    procedures.set_status(district.ledger, made.id, "conditional", promise_due="2026-09-01", handler="丁水")
    found = shown(district, PROCEDURE_REGISTER, made.id)
    assert (found["handler"], found["late"], found["stage"]) == ("丁水", True, "construction_permission")
    procedures.set_status(district.ledger, made.id, "granted", document="水许〔2026〕8号")
    assert shown(district, PROCEDURE_REGISTER, made.id)["late"] is False


@pytest.mark.proves("R19")
def test_the_critical_path_names_the_slowest_of_each_stage(district: Sample) -> None:
    """Land first takes thirty days; once it is through, the next slowest of that stage stands there."""
    procedures.propose(district.ledger, district.heat)

    def path() -> list[tuple[str, int | None]]:
        found = rows(district.connection, PROCEDURE_REGISTER, listing(PROCEDURE_REGISTER, project=district.heat))
        return [(one["code"], one["days"]) for one in critical_path(district.connection, found, district.on)]

    assert path()[0] == ("land_grant", 30) and len(path()) == 3
    land = next(one for one in rows(district.connection, PROCEDURE_REGISTER) if one["code"] == "land_grant")
    procedures.set_status(district.ledger, land["id"], "granted")
    assert path()[0] == ("eia", 20)


@pytest.mark.proves("R13", "R34")
def test_a_meeting_is_a_line_in_each_project_it_is_about(district: Sample) -> None:
    """Issues of two projects make two lines of one meeting, each with its own issues; decisions are issue steps."""
    heat = district.record("供热管道")
    other = issues.record(district.ledger, project=district.heat, title="供热管网").id
    made = meetings.record_meeting(district.ledger, level="2", chair="甲建国", departments="水务局;住建局",
                         issues=[heat, other], text="三日内接通")  # fmt: skip
    first = shown(district, REGISTERS["meeting"], made.id)
    assert (first["project"], first["issues"], first["other_projects"]) == (
        "供水改造工程",
        ["供热管道"],
        ["供热  改造"],
    )
    assert (first["chair"], first["departments"], first["level"]) == ("甲建国", ["水务局", "住建局"], 2)
    assert len(rows(district.connection, REGISTERS["meeting"])) == 2
    meetings.edit(district.ledger, made.id, place="三楼会议室")
    assert {one["place"] for one in rows(district.connection, REGISTERS["meeting"])} == {"三楼会议室"}
    with pytest.raises(FieldMissing):
        meetings.record_meeting(district.ledger, level="2", text="没有项目")


@pytest.mark.proves("R40", "R41")
def test_the_enterprise_is_asked_whether_it_is_satisfied(district: Sample) -> None:
    """A follow-up lies with its issue and says who answered how."""
    made = register_lines.add(district.ledger, FOLLOW_UP_REGISTER, issue="临时用水未接通", at="today", how="phone",
    who="丙志远",
                     satisfaction="dissatisfied", text="还没通")  # fmt: skip
    found = shown(district, FOLLOW_UP_REGISTER, made.id)
    assert (found["issue_id"], found["project_id"], found["satisfaction"]) == (
        district.issue,
        district.water,
        "dissatisfied",
    )


def test_what_cannot_be_read_is_refused_and_nothing_written(district: Sample) -> None:
    """A wrong day, amount or id leaves the book as it was."""
    for given, error in (
        ({"month": "2026-13"}, BadTime), ({"month": "2026-01", "done": "很多"}, BadAmount), ({}, FieldMissing),
        ({"month": "2026-01", "done": "-5"}, BadAmount), ({"month": "2026-01", "done": "1.5"}, BadAmount),
    ):  # fmt: skip
        with pytest.raises(error):
            register_lines.add(district.ledger, PROGRESS_REGISTER, project=district.water, **given)
    with pytest.raises(LineNotFound):
        register_lines.edit(district.ledger, PROGRESS_REGISTER, "没有", done="1")
    assert rows(district.connection, PROGRESS_REGISTER) == []


def test_an_empty_text_removes_a_field(district: Sample) -> None:
    """Editing to nothing takes a field away; what is not named stays."""
    made = register_lines.add(
        district.ledger, PROGRESS_REGISTER, project=district.water, month="2026-01", done="5万", text="开工"
    )
    register_lines.edit(district.ledger, PROGRESS_REGISTER, made.id, text="")
    found = shown(district, PROGRESS_REGISTER, made.id)
    assert (found["text"], found["done"]) == (None, 50_000)


def test_two_laptops_write_one_line(district: Sample, tmp_path: Any) -> None:
    """A month's figures written on two laptops apart meet as one line; the later wins and the other is kept."""
    central, other = MergeOnlyCentral(), device(tmp_path, "other", person="乙", clock=district.clock)
    sync(district.ledger, central)
    sync(other, central)
    mine = register_lines.add(district.ledger, PROGRESS_REGISTER, project=district.water, month="2026-01", done="5万")
    district.clock.now += 5000
    theirs = register_lines.add(other, PROGRESS_REGISTER, project=district.water, month="2026-01", done="6万")
    assert mine.id == theirs.id
    for one in (district.ledger, other, district.ledger):
        sync(one, central)
    assert shown(district, PROGRESS_REGISTER, mine.id)["done"] == 60_000
