"""A first read at the central: what screens need, open issues, the rest newest first; each line of the scope once."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import orjson
import pytest

from store.ledger.line import Line, canonical_json
from sync.central.admin.setup import open_database
from sync.central.exceptions import FirstSyncWaits
from sync.central.request import RequestContext
from sync.central.steps.exchange import make_answer
from sync.protocol.documents import EXCHANGE, ExchangeMessage
from tests.sync.central.ledger import every_id, issue, outcome_codes, project, step, visit
from tests.sync.central_fixture import Central, Laptop


def closed(bureau: Laptop, butler: Laptop, at_project: str) -> Line:
    """An issue that the bureau has closed."""
    raised = issue(butler, at_project)
    settlement = step(butler, raised, "settled", measure="接电", evidence="照片")
    butler.push([raised, step(butler, raised, "assigned"), step(butler, raised, "accepted"), settlement])
    read = [{"id": one.id, "stamp": one.stamp, "device": one.device} for one in (raised, settlement)]
    assert outcome_codes(bureau.push([step(bureau, raised, "approved", versions=read)])) == ["applied"]
    return raised


def walk(laptop: Laptop, limit: int, until: int = 1_000) -> list[dict[str, Any]]:
    """The lines of the pages of a first read, at most so many pages; the cursor is kept."""
    lines: list[dict[str, Any]] = []
    for _ in range(until):
        at = {"first": True} if laptop.cursor is None else {"cursor": laptop.cursor}
        page = laptop.ask(EXCHANGE, {"limit": limit, "lines": [], **at})["pull"]
        laptop.cursor = page["cursor"]
        lines += page["lines"]
        if not page["more"]:
            break
    return lines


@pytest.fixture
def district(central: Central) -> tuple[Laptop, Laptop, str]:
    """The bureau, a butler and the butler's project."""
    bureau = central.enrol("局长")
    own = project(bureau)
    bureau.push([own])
    return bureau, central.enrol("甲", "butler", projects=[own.id]), own.id


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("limit", [1, 4, 7])
def test_each_line_comes_once_in_the_order_of_its_use(
    central: Central, district: tuple[Laptop, Laptop, str], limit: int
) -> None:
    """Closed issues and visits come after open ones, a reopened issue is an open one; what is written meanwhile, what
    is closed meanwhile and what has come already and is edited follows in commit order. Nothing is missing."""
    bureau, butler, place = district
    visits = [visit(butler, place, f"第{n}次") for n in range(3)]
    butler.push(visits)
    done, again = (closed(bureau, butler, place) for _ in range(2))
    bureau.push([step(bureau, again, "reopened", cause="dissatisfied", reason="又断电")])
    still = issue(butler, place)
    butler.push([still, step(butler, still, "assigned")])
    fresh = central.enrol("乙")
    came = walk(fresh, limit, until=3)
    later = visit(butler, place, "此后")
    changed = visits[0]._replace(stamp=later.stamp + 1, base=visits[0].stamp, body={**visits[0].body, "text": "改"})
    butler.push([later, changed])
    late_issue = closed(bureau, butler, place)
    came += walk(fresh, limit)
    of_issue = [line["body"].get("issue_id", line["id"]) for line in came if line["kind"].startswith("issue")]
    assert {*of_issue[: of_issue.index(done.id)]} == {still.id, again.id}
    seen = [line["id"] for line in came if line["kind"] == "visit"]
    assert seen.index(visits[2].id) < seen.index(visits[1].id) and seen[-2:] == [later.id, changed.id]
    kinds = [line["kind"] for line in came]
    assert kinds.index("visit") > [line["id"] for line in came].index(still.id) > kinds.index("project")
    whole = Laptop(central.url)
    whole.join(central.invite("丙"))
    expected = {line["id"]: line for page in whole.pull_all() for line in page["lines"]}
    held = {line["id"]: line for line in came}
    assert late_issue.id in held
    assert late_issue.id in held and expected == {line_id: held[line_id] for line_id in expected}


def test_lines_that_come_with_a_first_read_wait_with_it(central: Central, district: tuple[Laptop, Laptop, str]) -> None:
    """A request that finds no room in a first read's queue has changed nothing, whatever it carries."""
    bureau, butler, place = district
    butler.push([visit(butler, place, str(n)) for n in range(3)])
    fresh = central.enrol("乙")
    walk(fresh, 1, until=1)
    own = project(fresh)
    with closing(open_database(central.data_dir)) as database:
        context = RequestContext(database, fresh.token)
        context.first_syncs_wait = True
        message = ExchangeMessage(cursor=fresh.cursor, limit=1)
        with pytest.raises(FirstSyncWaits):
            make_answer(context, message, [orjson.loads(canonical_json(own))])
        assert own.id not in every_id(bureau.pull_all())
        context.first_syncs_wait = False
        assert make_answer(context, message, [orjson.loads(canonical_json(own))])["push"]


def test_a_first_read_has_nothing_of_other_scopes(central: Central, district: tuple[Laptop, Laptop, str]) -> None:
    """A butler's first read has the lines of their project and of the district, and nothing else."""
    bureau, butler, place = district
    other = project(bureau, "别处")
    bureau.push([other, visit(bureau, other.id), issue(bureau, other.id)])
    mine = [visit(butler, place, str(n)) for n in range(3)]
    butler.push(mine)
    came = walk(butler, 2)
    assert {line.id for line in mine} <= {line["id"] for line in came}
    assert other.id not in {line["project"] for line in came}
