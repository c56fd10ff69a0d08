"""Ids that follow from names cannot be taken beforehand: a line under another line's id never blocks it."""

from __future__ import annotations

from store.ledger.line import DISPLACED_FROM, Line, derived_id, parse_line
from store.values.text import normalize_name
from sync.central.admin import admin
from tests.sync.central.ledger import issue, outcome_codes, project, step, sum_of, visit
from tests.sync.central_fixture import DISTRICT, Central, Laptop

COMING = "临江新区"
ITS_ID = derived_id(DISTRICT, "project", normalize_name(COMING))


def coming_project(laptop: Laptop) -> Line:
    """The project whose id everybody can compute."""
    return project(laptop, COMING, id=ITS_ID)


def test_a_kind_that_has_no_such_ids_cannot_take_one(central: Central) -> None:
    """A butler's visit under the id of a project to come is rejected, whether that project is there or not."""
    bureau, butler, own = _district(central)
    early = visit(butler, own.id, id=ITS_ID)
    assert outcome_codes(butler.push([early])) == ["bad_line"]
    assert outcome_codes(bureau.push([coming_project(bureau)])) == ["applied"]
    assert outcome_codes(butler.push([early])) == ["bad_line"]


def test_the_line_whose_id_it_is_takes_it_back(central: Central) -> None:
    """A person under the project's id gives way: the bureau's project is applied, the person goes on under a new id
    with a note of the old one, nothing is lost, and everybody's sums agree."""
    bureau, butler, _own = _district(central)
    squatter = butler.line("person", {"name": "占位"}, id=ITS_ID)
    assert outcome_codes(butler.push([squatter])) == ["applied"]
    coming = coming_project(bureau)
    assert outcome_codes(bureau.push([coming, coming])) == ["applied", "applied"]
    lines = [parse_line(line) for page in bureau.pull_all() for line in page["lines"]]
    held = {line.id: line for line in lines}
    assert held[ITS_ID] == coming
    moved = next(line for line in lines if line.body.get(DISPLACED_FROM) == ITS_ID)
    assert (moved.kind, moved.body["name"], moved.author, moved.stamp) == (
        "person", "占位", butler.person, squatter.stamp,
    )  # fmt: skip
    assert bureau.hello(sum_of(list(held.values())))["equal"]
    versions = bureau.client.get(f"/v1/history/{ITS_ID}").json()["versions"]
    assert [(version["line"]["kind"], version["reason"]) for version in versions][1:] == [("person", "displaced")]
    assert "displaced" in {entry["action"] for entry in admin.audit_page(central.data_dir)}


def test_a_line_of_the_same_bucket_gives_way_too(central: Central) -> None:
    """A person lies where departments, limits and holidays do: under the id of each to come they give way, once and
    for good, and everybody's sums agree."""
    bureau, butler, _own = _district(central)
    person = bureau.line("person", {"name": "有电话的"})
    bodies: dict[str, tuple[tuple[str, ...], dict[str, object]]] = {
        "unit": ((normalize_name("发改局"),), {"name": "发改局", "kind": "department"}),
        "district_limit": (("confirmation",), {"name": "confirmation", "value": 1}),
        "holiday_year": (("2027",), {"year": 2027, "off": ["2027-01-01"]}),
        "contact": ((person.id,), {"person_id": person.id, "phone": "0418-1234567"}),
    }
    coming = [bureau.line(kind, body, id=derived_id(DISTRICT, kind, *keys)) for kind, (keys, body) in bodies.items()]
    early = [butler.line("person", {"name": f"占位{n}"}, id=line.id) for n, line in enumerate(coming)]
    assert outcome_codes(butler.push(early)) == ["applied"] * 4
    assert outcome_codes(bureau.push([person, *coming])) == ["applied"] * 5
    lines = [parse_line(line) for page in bureau.pull_all() for line in page["lines"]]
    assert {line.id: line for line in lines}.items() >= {line.id: line for line in coming}.items()
    assert {line.body.get(DISPLACED_FROM) for line in lines} >= {line.id for line in coming}
    assert bureau.hello(sum_of(lines))["equal"]


def test_only_the_central_says_that_a_line_was_displaced(central: Central) -> None:
    """Devices give up the line that a displaced one names. Who says so of a line of their own is refused; an edit of a
    line of which the central has said it keeps the note."""
    bureau, butler, own = _district(central)
    victim = visit(bureau, own.id)
    forged = visit(butler, own.id)
    forged = forged._replace(body={**forged.body, DISPLACED_FROM: victim.id})
    assert outcome_codes(bureau.push([victim])) == ["applied"]
    assert outcome_codes(butler.push([forged])) == ["bad_line"]
    honest = forged._replace(body={**forged.body, DISPLACED_FROM: ITS_ID})
    plain = visit(butler, own.id)
    assert outcome_codes(butler.push([plain, plain._replace(stamp=plain.stamp + 1, body=honest.body)])) == [
        "applied", "bad_line",
    ]  # fmt: skip
    squatter = butler.line("person", {"name": "占位"}, id=ITS_ID)
    butler.push([squatter])
    bureau.push([coming_project(bureau)])
    lines = [parse_line(line) for page in bureau.pull_all() for line in page["lines"]]
    moved = next(line for line in lines if line.body.get(DISPLACED_FROM) == ITS_ID)
    edited = moved._replace(stamp=moved.stamp + 1, base=moved.stamp, body={**moved.body, "name": "改名"})
    other = edited._replace(stamp=edited.stamp + 1, body={**moved.body, DISPLACED_FROM: victim.id})
    assert outcome_codes(butler.push([edited, other])) == ["applied", "bad_line"]


def test_a_procedure_of_one_project_cannot_hold_that_of_another(central: Central) -> None:
    """A procedure's id follows from its project: another project's butler gets nothing by it."""
    bureau, butler, own = _district(central)
    other = project(bureau, "另一个项目")
    bureau.push([other])
    body = {"code": "LX", "name": "立项", "status": "not_started"}
    its_id = derived_id(DISTRICT, "procedure", other.id, "LX")
    assert outcome_codes(butler.push([butler.line("procedure", body, own.id, id=its_id)])) == ["bad_line"]
    assert outcome_codes(bureau.push([bureau.line("procedure", body, other.id, id=its_id)])) == ["applied"]


def test_no_line_keeps_an_issue_from_its_number(central: Central) -> None:
    """Whatever has the id of the limit ``confirmation`` or of a number to come, approvals get their numbers."""
    bureau, butler, own = _district(central)
    limit = derived_id(DISTRICT, "district_limit", "confirmation")
    raised = issue(butler, own.id)
    acts = [step(butler, raised, act) for act in ("assigned", "accepted", "settled")]
    versions = [{"id": line.id, "stamp": line.stamp, "device": line.device} for line in (raised, acts[-1])]
    approval = step(bureau, raised, "approved", versions=versions)._replace(stamp=acts[-1].stamp + 1)
    number = derived_id(DISTRICT, "close_out", approval.id)
    early = [butler.line("person", {"name": "占位"}, id=taken) for taken in (limit, number)]
    assert outcome_codes(butler.push([*early, raised, *acts])) == ["applied"] * 6
    assert outcome_codes(bureau.push([approval])) == ["applied"]
    numbers = [line for page in bureau.pull_all() for line in page["lines"] if line["kind"] == "close_out"]
    assert [line["body"]["serial"] for line in numbers] == [1]


def _district(central: Central) -> tuple[Laptop, Laptop, Line]:
    """The bureau, a butler, and the butler's project."""
    bureau = central.enrol("局长", "bureau")
    own = project(bureau)
    bureau.push([own])
    return bureau, central.enrol("管家", "butler", projects=[own.id]), own
