"""Who may do what, cell by cell over HTTP: every role, every kind, every act, allowed and refused (domain.md).

The tables below are domain.md's "Who may do what", spelt out. `WRITES`: what a role may do to lines of a kind where its
scope reaches (c creates, e edits, d strikes out). `ACTS`: who may write which act on an issue.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, get_args

import orjson
import pytest

from store.domain.issue_lifecycle import TRANSITIONS
from store.domain.permissions import ISSUE_STEP, ROLE_PERMISSIONS, may_write
from store.ledger.buckets import DISTRICT_WIDE_AREAS, Area
from store.ledger.kind_facts import kind_facts
from store.ledger.kinds import bucket_of, kinds
from store.ledger.line import Line, new_id
from store.ledger.models.attachment import Attachment
from sync.admin_protocol import CODES
from sync.central.accounts.scope import ROLES
from tests.sync.central.cells import BODIES, District, Outcome, Place, changed_by, line_of
from tests.sync.central_fixture import Central, Laptop, running_central

WRITES = """
                  butler  lead_leader  department  bureau  supervision_office  principal_leader  auditor
project           e       -            -           ce      -                   -                 -
assignment        -       -            -           ced     -                   -                 -
visit             ced     ced          -           ced     -                   -                 -
attachment        ced     ced          -           ced     -                   -                 -
meeting           ced     ced          -           ced     -                   ced               -
policy_delivery   ced     -            -           ced     -                   -                 -
progress_report   ced     -            -           ced     -                   -                 -
statistics_entry  ced     -            -           ced     -                   -                 -
data_return       ced     -            -           ced     -                   -                 -
issue             ced     -            -           ced     -                   -                 -
follow_up         ced     -            -           ced     -                   -                 -
procedure         ced     -            e           ced     -                   -                 -
close_out         -       -            -           -       -                   -                 -
person            ce      -            -           ced     -                   -                 -
unit              ce      -            -           ced     -                   -                 -
contact           ce      -            -           ced     -                   -                 -
policy            -       -            -           ced     -                   -                 -
training          -       -            -           ced     -                   -                 -
attendance        -       -            -           ced     -                   -                 -
adoption          -       -            -           ced     -                   -                 -
district_limit    -       -            -           ced     -                   -                 -
holiday_year      -       -            -           ced     -                   -                 -
time_rule         -       -            -           ced     -                   -                 -
file_rule         -       -            -           ced     -                   -                 -
column_meaning    -       -            -           ced     -                   -                 -
phrase            -       -            -           ced     -                   -                 -
saved_view        -       -            -           ced     -                   -                 -
reminder_device   -       -            -           ced     -                   -                 -
merge             -       -            -           ced     -                   -                 -
distinction       -       -            -           ced     -                   -                 -
erasure           -       -            -           ce      -                   -                 -
evaluation        -       -            -           ced     ced                 -                 -
criterion         -       -            -           ced     -                   -                 -
"""
"""The bureau, steward of its district, writes every kind but the close-out numbers, which are the central's. The
attachment is one of a visit; of others: `test_whoever_writes_a_line_attaches_to_it`."""

ACTS = """
recorded     butler                         bureau
cancelled    butler lead_leader             bureau
assigned     butler lead_leader             bureau
accepted     butler             department  bureau
disputed     butler             department  bureau
progress     butler             department  bureau
waiting      butler             department  bureau
extended     butler lead_leader department  bureau
extension_asked butler          department  bureau
extension_refused butler lead_leader        bureau
opinion      butler             department  bureau
escalated    butler lead_leader department  bureau
passed_on           lead_leader             bureau
resolved     butler                         bureau
resolved 1   butler lead_leader             bureau
resolved 2   butler lead_leader             bureau
resolved 3   butler                         bureau                     principal_leader
settled      butler             department  bureau
confirmed    butler                         bureau
rejected     butler                         bureau
approved                                    bureau
returned                                    bureau
reopened     butler                         bureau supervision_office
reminded     butler lead_leader             bureau
supervised                                  bureau supervision_office
told         butler                         bureau
"""
"""A number behind an act is the level that the step names. Nobody deletes a step."""

VERBS = {"c": "create", "e": "change", "d": "delete"}
HIDDEN = {"outcome": "rejected", "code": "forbidden", "reason": "not in your scope, or not there"}


def written_table() -> dict[tuple[str, str], set[str]]:
    """For each kind and verb, the roles that `WRITES` gives it to."""
    heading, *rows = (line.split() for line in WRITES.strip().splitlines())
    cells = {(kind, role): cell for kind, *row in rows for role, cell in zip(heading, row, strict=True)}
    return {(kind, VERBS[v]): {r for r in heading if v in cells[kind, r]} for kind, *_ in rows for v in VERBS}


def act_table() -> dict[tuple[str, int | None], set[str]]:
    """For each act and level, the roles that `ACTS` gives it to."""
    table: dict[tuple[str, int | None], set[str]] = {}
    for act, *words in (line.split() for line in ACTS.strip().splitlines()):
        level = int(words.pop(0)) if words[0].isdigit() else None
        table[act, level] = set(words)
    return table


HAD_OTHERWISE = ROLES if os.environ.get("TESTS_SOAK") else ("butler", "department", "bureau")
"""Roles that are tried as a stand-in's, a merged person's and a former holder's, too."""
WRITTEN, DONE = written_table(), act_table()


@pytest.fixture(scope="module")
def central(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Central]:
    """One central for all cells."""
    with running_central(tmp_path_factory.mktemp("matrix")) as central:
        yield central


@pytest.fixture(scope="module")
def district(central: Central) -> District:
    """A device of every role."""
    return District(central)


def taken(outcome: Outcome) -> bool:
    """Whether the line was applied; a rejected one has a code and a reason."""
    if outcome["outcome"] == "applied":
        return True
    assert outcome["outcome"] == "rejected"
    assert outcome["code"] == "forbidden"
    assert len(outcome["reason"].split()) > 3
    return False


def test_the_tables_speak_of_every_role_kind_and_act() -> None:
    """The tables here name every kind, act and role of the program, and the program's own table the right areas."""
    assert {kind for kind, _ in WRITTEN} | {ISSUE_STEP} == set(kind_facts()) == set(kinds())
    assert {act for act, _ in DONE} == set(TRANSITIONS)
    assert set(ROLES) == set(ROLE_PERMISSIONS) == set(WRITES.split("\n")[1].split())
    assert {role for who in WRITTEN.values() for role in who} == set(ROLES) - {"auditor"}
    assert {name: kind.area for name, kind in kinds().items()} == {
        name: facts.area for name, facts in kind_facts().items()
    }


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_writes_the_kinds_of_its_column(district: District, role: str) -> None:
    """The role may create, change and delete lines of every kind as the table says, and nothing else."""
    answers = district.writes(role)
    assert {cell for cell, outcome in answers.items() if taken(outcome)} == {c for c in WRITTEN if role in WRITTEN[c]}


@pytest.mark.parametrize("role", ROLES)
def test_whoever_writes_a_line_attaches_to_it(district: District, role: str) -> None:
    """A role attaches files to lines of every kind that it creates or changes, and to no other; nobody makes another
    file of one that is attached."""
    laptop, names = district.laptops[role], get_args(Attachment.model_fields["of_kind"].annotation)
    lines = [attachment_of(laptop, name, district.here) for name in names]
    answers = dict(zip(names, laptop.push(lines), strict=True))
    acting = {ISSUE_STEP} if any(role in DONE[cell] for cell in DONE) else set()
    able = {
        name for name in names for verb in ("create", "change") if role in WRITTEN.get((name, verb), set())
    } | acting
    assert {name for name, outcome in answers.items() if taken(outcome)} == able
    assert {name for name in names if may_write([role], "attachment", of_kind=name)} == able
    others = [changed_by(laptop, line, body={**line.body, "sha256": "cd" * 32}) for line in lines]
    words = [changed_by(laptop, line, body={**line.body, "words": "接火点"}) for line in lines]
    assert not any(taken(outcome) for outcome in laptop.push(others))
    assert sum(taken(outcome) for outcome in laptop.push(words)) == len(able)


def attachment_of(laptop: Laptop, of_kind: str, place: Place) -> Line:
    """A new attachment of a line of this kind at a place."""
    area = kind_facts()[of_kind].area
    of_line = {"of_kind": of_kind, "of_id": place.procedure if area is Area.PROCEDURE else place.issue}
    of_line |= {"issue_id": place.issue} if area is Area.ISSUE else {}
    body = {**BODIES["attachment"], **of_line}
    return laptop.line("attachment", body, None if area in DISTRICT_WIDE_AREAS else place.project)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_does_the_acts_of_its_column(district: District, role: str) -> None:
    """Of every act on an issue the role may write those that the table says, at those levels."""
    answers = district.acts(district.laptops[role], DONE)
    assert {cell for cell, outcome in answers.items() if taken(outcome)} == {
        cell for cell in DONE if role in DONE[cell]
    }


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("role", HAD_OTHERWISE)
def test_a_role_is_the_same_however_it_is_had(central: Central, district: District, role: str) -> None:
    """Who stands in for somebody of a role, and whose record that of somebody of a role was merged into, creates and
    does what the role does, calls of the bureau's seat included, and nothing else; who had it until yesterday does
    nothing of it."""
    columns = {kind for kind, verb in WRITTEN if verb == "create" and role in WRITTEN[kind, verb]}
    wanted = (columns, {cell for cell in DONE if role in DONE[cell]}, role == "bureau")
    for way in ("stand_in", "merged", "ended"):
        laptop = district.holder(central, way, role)
        created = {kind for kind, outcome in district.creates(laptop).items() if taken(outcome)}
        done = {cell for cell, outcome in district.acts(laptop, DONE).items() if taken(outcome)}
        invites = laptop.post(CODES, {}).status_code == 200
        assert (created, done, invites) == (wanted if way != "ended" else (set(), set(), False)), way


def test_everybody_keeps_phrases_and_views_of_their_own(district: District) -> None:
    """A butler and an auditor write, change and delete what is theirs; what is another's, or is made another's, and
    the district's phrases they leave alone."""
    for role in ("butler", "auditor"):
        laptop = district.laptops[role]
        for kind in ("phrase", "saved_view", "reminder_device"):
            own = line_of(laptop, kind, district.here, person_id=laptop.person)
            other = line_of(laptop, kind, district.here, person_id=district.steward.person)
            changed = changed_by(laptop, own)
            given_away = changed_by(laptop, own, body=other.body)
            gone = changed_by(laptop, own, deleted=True)
            outcomes = [laptop.push([line])[0] for line in (own, changed, other, given_away, gone)]
            assert [taken(outcome) for outcome in outcomes] == [True, True, False, False, True], (role, kind)
        assert not taken(laptop.push([line_of(laptop, "phrase", district.here)])[0])


def test_in_whose_place_each_way_of_a_role_writes(central: Central, district: District) -> None:
    """A stand-in for the person stood in for and for nobody else, the bureau for everybody, all others for nobody."""
    ways = {way: district.holder(central, way, "butler") for way in ("stand_in", "merged")}
    principal = district.principals[ways["stand_in"].person]
    writers = {**ways, "bureau": district.laptops["bureau"], "butler": district.laptops["butler"]}
    taken_for = {
        name: [
            taken(laptop.push([visit_for(laptop, district, whom)])[0]) for whom in (principal, district.steward.person)
        ]
        for name, laptop in writers.items()
    }
    assert taken_for == {
        "stand_in": [True, False], "merged": [False, False], "bureau": [True, True], "butler": [False, False],
    }  # fmt: skip


def visit_for(laptop: Laptop, district: District, whom: str) -> Line:
    """A visit of the district's first project, written in somebody's place."""
    return line_of(laptop, "visit", district.here, acting_for_id=whom)


@pytest.mark.parametrize("role", ["butler", "lead_leader", "department"])
def test_elsewhere_nothing_can_be_told_from_nothing(district: District, role: str) -> None:
    """A line for another project or department, or over one of its lines, gets the very answer that a line for a
    project that does not exist gets: the same code, the same sentence, and nothing beside."""
    open_areas = {Area.DISTRICT, Area.CONTACT} | ({Area.HEAD} if role == "department" else set())
    names = [name for name, facts in kind_facts().items() if facts.area not in open_areas]
    hidden, missing = (district.elsewhere(role, names, at) for at in (district.hidden, district.missing))
    assert hidden == missing == [HIDDEN] * (2 * len(names))


@pytest.mark.parametrize("role", ["butler", "lead_leader", "department"])
def test_history_and_sums_tell_nothing_of_elsewhere(district: District, role: str) -> None:
    """History, whole buckets and checksums of a hidden issue are those of an issue that does not exist."""
    laptop, places = district.laptops[role], (district.hidden, district.missing)
    history = [laptop.client.get(f"/v1/history/{at.issue}") for at in places]
    assert [answer.status_code for answer in history] == [404, 404]
    assert history[0].content == history[1].content
    laptop.cursor = None
    cursor = laptop.pull_all()[-1]["cursor"]
    buckets = [f"i:{at.issue}" for at in places]
    sums = [{"cursor": cursor, "buckets": {bucket: [0, 0, 0]}, "within": []} for bucket in buckets]
    assert [laptop.ask("/v1/verify", asked) for asked in sums] == [{"news": False, "differ": [], "dropped": []}] * 2
    assert [laptop.ask("/v1/fetch", {"buckets": [bucket]})["lines"] for bucket in buckets] == [[], []]


def guessed_buckets(place: Place) -> list[str]:
    """The buckets of a place that somebody may guess by its ids."""
    return [f"h:{place.project}", f"p:{place.project}", f"i:{place.issue}", f"c:{place.procedure}"]


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("role", ["butler", "lead_leader", "department"])
@pytest.mark.parametrize("claims", ["of the own place", "of the place itself", "none"])
def test_a_guessed_bucket_is_not_named_as_existing(district: District, role: str, claims: str) -> None:
    """verify, fetch and history answer for a hidden bucket, byte for byte, what they answer for one that does not
    exist, whatever sums are given and whoever's the bucket is said to be: so no name can be tried out."""
    laptop = district.laptops[role]
    laptop.cursor = None
    cursor = laptop.pull_all()[-1]["cursor"]
    answers = []
    for place in (district.hidden, district.missing):
        own = district.here if claims == "of the own place" else place
        owner = {"project": own.project, "department": own.department}
        raw = []
        for number, bucket in enumerate(guessed_buckets(place)):
            more = {} if claims == "none" else {"owners": {bucket: owner}}
            for sums in ([1, 2, 3], [0, 0, 0]):
                asked = {"cursor": cursor, "buckets": {bucket: sums}, "within": [], **more}
                raw.append(laptop.post("/v1/verify", asked).content.replace(bucket.encode(), b"%d" % number))
            raw.append(laptop.post("/v1/fetch", {"buckets": [bucket]}).content)
        raw += [laptop.client.get(f"/v1/history/{line_id}").content for line_id in (place.project, place.issue)]
        answers.append(raw)
    if role == "department":  # which may know every project's head, so that a missing one is an empty one
        answers = [[*raw[3:-2], raw[-1]] for raw in answers]
    assert answers[0] == answers[1]


HIDES: dict[str, frozenset[Area]] = {
    **dict.fromkeys(("butler", "lead_leader"), frozenset(Area) - {Area.DISTRICT, Area.CONTACT}),
    "department": frozenset(Area) - {Area.DISTRICT, Area.CONTACT, Area.HEAD},
    **dict.fromkeys(("supervision_office", "principal_leader", "auditor"), frozenset({Area.CONTACT})),
}
"""The areas of another project and department that a role does not see."""


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("role", HIDES)
def test_no_byte_of_what_is_hidden_leaves_by_any_call(central: Central, district: District, role: str) -> None:
    """A line of every kind that the role does not see carries a word of its own. No answer to any call has that word,
    nor an id that was not asked for: whatever is guessed, pushed over, brought back or asked for by name."""
    names = [name for name, facts in kind_facts().items() if facts.area in HIDES[role]]
    written = [name for name in names if name not in ("project", "close_out")]
    lines = [line_of(district.steward, name, district.hidden, canary=f"canary of {role}") for name in written]
    district.push(district.steward, lines)
    laptop = district.laptops[role]
    laptop.cursor = None
    raw = {"/v1/pull from the beginning": orjson.dumps(laptop.pull_all())}
    assert not [line.id for line in lines if line.id.encode() in raw["/v1/pull from the beginning"]]
    buckets = sorted({*guessed_buckets(district.hidden), *map(bucket_of, lines)})
    over = [changed_by(laptop, line, body=BODIES[line.kind])._asdict() for line in lines]
    hello = {**laptop.greeting(), "cursor": laptop.cursor}
    within = [f"{n:02x}" for n in range(256)]
    bodies: dict[str, dict[str, Any]] = {
        "/v1/hello": hello,
        "/v1/push": {"lines": over},
        "/v1/fetch": {"buckets": buckets},
        "/v1/verify": {"cursor": laptop.cursor, "buckets": {one: [1, 2, 3] for one in buckets}, "within": within},
        "/v1/heal": {"lines": over, "receipts": ""},
        "/v2/exchange": {"lines": over},
    }
    paths = laptop.client.get("/openapi.json").json()["paths"]
    assert bodies.keys() <= paths.keys()
    for path in sorted(path for path, calls in paths.items() if "post" in calls):
        raw[path] = laptop.post(path, bodies.get(path, {"lines": over, "id": lines[0].id})).content
    raw |= {line.id: laptop.client.get(f"/v1/history/{line.id}").content for line in lines}
    assert [where for where, answer in raw.items() if f"canary of {role}".encode() in answer] == []


@pytest.mark.parametrize("role", ["butler", "lead_leader", "department"])
def test_a_bucket_that_is_not_the_accounts_is_dropped(district: District, role: str) -> None:
    """A device that still has an issue of another project or department deletes it. It keeps what its own role reaches
    though the central lacks it: after the restore of a backup it is sent again."""
    laptop = district.laptops[role]
    laptop.cursor = None
    cursor = laptop.pull_all()[-1]["cursor"]

    def judged(bucket: str, place: Place) -> dict[str, Any]:
        owners = {bucket: {"project": place.project, "department": place.department}}
        asked = {"cursor": cursor, "buckets": {bucket: [1, 2, 3]}, "within": [], "owners": owners}
        return laptop.ask("/v1/verify", asked)

    stale, lost = f"i:{district.hidden.issue}", f"i:{new_id()}"
    assert judged(stale, district.hidden) == {"news": False, "differ": [], "dropped": [stale]}
    assert judged(lost, district.hidden) == {"news": False, "differ": [], "dropped": [lost]}
    assert judged(lost, district.here) == {"news": False, "differ": [lost], "dropped": []}


def test_the_screens_hint_what_the_central_decides() -> None:
    """`may_write`, which screens use to offer what can be written, gives the same as the tables."""
    for (kind, verb), who in WRITTEN.items():
        of_kind = BODIES.get(kind, {}).get("of_kind")
        assert {role for role in ROLES if may_write([role], kind, verb=verb, of_kind=of_kind)} == who, (kind, verb)  # type: ignore[arg-type]
    for (act, level), who in DONE.items():
        assert {role for role in ROLES if may_write([role], ISSUE_STEP, act, level=level or 0)} == who, (act, level)
    assert may_write(["department", "butler"], "visit")
    assert not may_write([], "visit")
    assert not may_write(["bureau"], ISSUE_STEP, verb="delete")
