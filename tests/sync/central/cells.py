"""A district with a device of every role and a line of every kind, to test each cell of the table of who may write
what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from store.domain.permissions import ISSUE_STEP
from store.ledger.buckets import DISTRICT_WIDE_AREAS, Area
from store.ledger.hlc import system_clock_ms
from store.ledger.kind_facts import kind_facts
from store.ledger.line import Line, new_id, parse_line
from store.values.times import district_time
from sync.central.accounts.scope import ROLES
from tests.sync.central.ledger import issue, outcome_codes, project, step, unit
from tests.sync.central_fixture import Central, Laptop

AT = "2026-03-04T09:00+08:00"
WHO = new_id()
Outcome = dict[str, Any]
BODIES: dict[str, dict[str, Any]] = {
    "person": {"name": "丙"},
    "unit": {"name": "某局"},
    "contact": {"person_id": WHO, "phone": "19900000001"},
    "policy": {"title": "十条"},
    "training": {"title": "廉洁课", "kind": "integrity", "at": AT, "minutes": 90},
    "attendance": {"training_id": WHO, "person_id": WHO},
    "adoption": {"unit_id": WHO, "status": "set_up"},
    "district_limit": {"name": "silence_days", "value": 30},
    "time_rule": {
        "days": 5,
        "counting": "workdays",
        "start": "assigned",
        "pauses": "enterprise",
        "valid_from": "2026-01-01",
    },
    "column_meaning": {"ledger": "issues", "heading": "盯办", "field": "progress"},
    "phrase": {"text": "已现场踏勘"},
    "reminder_device": {"person_id": WHO, "at": "2026-11-30T09:00+08:00"},
    "saved_view": {"person_id": WHO, "place": "issues", "name": "红灯"},
    "file_rule": {"act": "settled", "files": 1, "valid_from": "2026-01-01"},
    "holiday_year": {"year": 2030, "off": ["2030-01-01"]},
    "merge": {"what": "person", "from_id": WHO, "into_id": WHO},
    "distinction": {"what": "person", "first_id": WHO, "second_id": WHO},
    "erasure": {"person_id": WHO, "reason": "本人申请", "basis": "法"},
    "project": {"name": "风电场", "number": "P-1", "category": "new"},
    "assignment": {"role": "butler", "person_id": WHO},
    "visit": {"at": AT, "how": "visit"},
    "attachment": {
        "of_kind": "visit",
        "of_id": WHO,
        "name": "现场.jpg",
        "media_type": "image/jpeg",
        "size": 3,
        "sha256": "ab" * 32,
    },
    "meeting": {"session": WHO, "number": "H-1", "title": "专题会", "at": AT, "level": 3},
    "policy_delivery": {"policy_id": WHO, "act": "transmit", "at": AT},
    "progress_report": {"month": "2026-03"},
    "statistics_entry": {"filing": "2026-03-04"},
    "data_return": {"period": "2026-03"},
    "issue": {"number": "W-1", "title": "缺电", "kind": "problem"},
    "issue_step": {"act": "told"},
    "follow_up": {"at": AT, "how": "phone", "satisfaction": "satisfied"},
    "close_out": {"approval_id": WHO, "number": "2026-0009", "year": 2026, "serial": 9},
    "procedure": {"code": "01", "name": "立项", "status": "preparing"},
    "evaluation": {"period": "2026", "outcome": "none"},
    "criterion": {"code": "a", "name": "及时", "points": 100},
}
"""The least that a line of each kind says."""


class Place(NamedTuple):
    """Where lines are written: a project, one of its issues, and the department that both issue and procedures have."""

    project: str
    issue: str
    department: str
    procedure: str = ""


def line_of(laptop: Laptop, kind: str, place: Place, **body: Any) -> Line:
    """A new line of a kind at a place, by this laptop."""
    body_of_kind = {**BODIES[kind], **body}
    if kind in ("issue", "procedure"):
        body_of_kind["department_id"] = place.department
    elif kind_facts()[kind].area is Area.ISSUE:
        body_of_kind["issue_id"] = place.issue
    of = None if kind_facts()[kind].area in DISTRICT_WIDE_AREAS else place.project
    made = laptop.line(kind, body_of_kind, of)
    return made._replace(project=made.id) if kind == "project" else made


def named(line: Line) -> dict[str, Any]:
    """A version, as an approval names it."""
    return {"id": line.id, "stamp": line.stamp, "device": line.device}


def changed_by(laptop: Laptop, held: Line, **more: Any) -> Line:
    """The next version of a line, by this laptop."""
    stamp = laptop.line(held.kind, {}).stamp
    version = held._replace(stamp=max(stamp, held.stamp + 1), base=held.stamp, device=laptop.device)
    return version._replace(author=laptop.person, **more)


class District:
    """Two projects, ``here`` and ``hidden``, each with an issue of another department; a device of every role, for the
    first project or department; and a steward's device, which writes what is there. ``missing`` is nowhere."""

    def __init__(self, central: Central) -> None:
        self.steward, second = central.enrol("局长"), central.enrol("副局长")
        offices = [unit(self.steward, name) for name in ("发改局", "住建局")]
        self.projects = [project(self.steward, name) for name in ("一", "二")]
        pairs = list(zip(self.projects, offices, strict=True))
        self.issues = [issue(self.steward, place.id, department_id=office.id) for place, office in pairs]
        taken_up = [step(self.steward, one, act) for one in self.issues for act in ("assigned", "accepted")]
        settled = [step(self.steward, one, "settled", measure="接电", evidence="照片") for one in self.issues]
        procedures = [
            line_of(self.steward, "procedure", Place(place.id, "", office.id), name="环评") for place, office in pairs
        ]
        self.push(self.steward, [*offices, *self.projects, *self.issues, *taken_up, *settled, *procedures])
        read = [[named(one), named(by)] for one, by in zip(self.issues, settled, strict=True)]
        self.push(second, [step(second, one, "approved", versions=r) for one, r in zip(self.issues, read, strict=True)])
        self.read = read[0]
        (place, office), (other, another) = pairs
        self.here = Place(place.id, self.issues[0].id, office.id, procedures[0].id)
        self.hidden = Place(other.id, self.issues[1].id, another.id, procedures[1].id)
        self.missing = Place(new_id(), new_id(), another.id, new_id())
        self.laptops = {role: self._enrol(central, role) for role in ROLES}
        self.principals: dict[str, str] = {}

    def holder(self, central: Central, way: str, role: str) -> Laptop:
        """An officer who writes nothing by themselves, and has this role as a stand-in, by a record that was merged
        into theirs, or had it until yesterday."""
        laptop = central.enrol(f"{way}{role}", "auditor")
        other = self.steward.line("person", {"name": f"某{role}"})
        today = district_time(system_clock_ms()).date()
        yesterday, tomorrow = ((today + timedelta(days=n)).isoformat() for n in (-1, 1))
        term: dict[str, Any] = {"role": role, "person_id": laptop.person if way == "ended" else other.id}
        term |= {"unit_id": self.here.department} if role == "department" else {}
        term |= {"to_date": yesterday} if way == "ended" else {}
        place = self.here.project if role in ("butler", "lead_leader") else None
        lines = [other, self.steward.line("assignment", term, place)]
        if way == "stand_in":
            body = {"role": "stand_in", "person_id": laptop.person, "for_id": other.id, "to_date": tomorrow}
            lines.append(self.steward.line("assignment", body))
        elif way == "merged":
            pair = {"what": "person", "from_id": other.id, "into_id": laptop.person}
            lines.append(self.steward.line("merge", pair))
        self.push(self.steward, lines)
        self.principals[laptop.person] = other.id
        return laptop

    def _enrol(self, central: Central, role: str) -> Laptop:
        projects = [self.here.project] if role in ("butler", "lead_leader") else []
        return central.enrol(role, role, projects=projects, department="发改局" if role == "department" else None)

    @staticmethod
    def push(laptop: Laptop, lines: Sequence[Line]) -> None:
        """Push lines that must be applied."""
        assert set(outcome_codes(laptop.push(lines))) == {"applied"}

    def held(self, names: Iterable[str], place: Place) -> dict[str, Line]:
        """A line of each kind that the central has at a place, most of them written now."""
        fresh = {name: line_of(self.steward, name, place) for name in names if name not in ("project", "close_out")}
        self.push(self.steward, list(fresh.values()))
        found = self.steward.ask("/v1/fetch", {"buckets": [f"i:{place.issue}"]})["lines"]
        number = next(parse_line(line) for line in found if line["kind"] == "close_out")
        return {"close_out": number, "project": self.projects[place is self.hidden], **fresh}

    def writes(self, role: str) -> dict[tuple[str, str], Outcome]:
        """The outcomes when the role creates, changes and deletes a line of every kind, in one push."""
        laptop, names = self.laptops[role], [name for name in kind_facts() if name != ISSUE_STEP]
        changed, deleted = self.held(names, self.here), self.held(names, self.here)
        cells = {(name, "create"): line_of(laptop, name, self.here) for name in names}
        cells |= {(name, "change"): changed_by(laptop, changed[name]) for name in names}
        cells |= {(name, "delete"): changed_by(laptop, deleted[name], deleted=True) for name in names}
        return dict(zip(cells, laptop.push(list(cells.values())), strict=True))

    def creates(self, laptop: Laptop) -> dict[str, Outcome]:
        """The outcomes when a laptop creates a line of every kind, in one push."""
        names = [name for name in kind_facts() if name != ISSUE_STEP]
        return dict(zip(names, laptop.push([line_of(laptop, name, self.here) for name in names]), strict=True))

    def acts(self, laptop: Laptop, wanted: Iterable[tuple[str, int | None]]) -> dict[tuple[str, int | None], Outcome]:
        """What comes of it when a laptop does these acts on an issue, at these levels: one push. What it approves it
        has not settled itself."""
        cells = {}
        for act, level in sorted(wanted, key=lambda cell: cell[0] != "approved"):
            more: dict[str, Any] = {} if level is None else {"level": level}
            if act == "approved":
                more = {"versions": self.read}
            elif act == "opinion":
                more = {"department_id": self.here.department}
            cells[act, level] = step(laptop, self.issues[0], act, **more)
        return dict(zip(cells, laptop.push(list(cells.values())), strict=True))

    def elsewhere(self, role: str, names: Sequence[str], place: Place) -> list[Outcome]:
        """The outcomes when the role adds a line of each kind at a place, and changes an existing one."""
        laptop = self.laptops[role]
        there = self.held(names, self.hidden)
        if place is self.missing:
            there = {name: line._replace(id=new_id(), project=place.project) for name, line in there.items()}
        new = [line_of(laptop, name, place) for name in names]
        over = [changed_by(laptop, there[name]) for name in names]
        return [{k: v for k, v in one.items() if k != "id"} for one in laptop.push([*new, *over])]
