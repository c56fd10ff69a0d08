"""A year's responsibility table is replaced by the next: what each receives before and after, byte for byte. With real
processes, and what devices keep: ``tests/tui/cli/test_year_change.py``."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.importing import import_table
from store.ledger.line import canonical_json
from tests.sync.central.ledger import every_id, issue, outcome_codes, step, visit
from tests.sync.central_fixture import Laptop, running_central
from tests.sync.laptops import Laptop as Home
from tests.sync.laptops import bureau

HEADING = "序号,项目名称,类别,牵头领导,牵头单位,项目管家,管家电话\n"
THIS_YEAR = HEADING + (
    "1,风电场工程,新建,丁守正,发改局,甲建国,19900000001\n2,储能电站,新建,丁守正,发改局,乙卫东,19900000002\n"
    "3,冷链物流园,续建,戊立春,商务局,甲建国,19900000001\n"
)
NEXT_YEAR = HEADING + (
    "1,风电场工程,续建,戊立春,发改局,乙卫东,19900000002\n2,储能电站,续建,丁守正,发改局,甲建国,19900000001\n"
    "3,冷链物流园,续建,丁守正,商务局,甲建国,19900000001\n"
)
WIND, STORE, COLD, HOUSING, NATURE, LATE = CANARIES = tuple(f"金丝雀{name}" for name in "风储冷住环迟")


def read_in(home: Home, table: str) -> None:
    """The bureau imports a table and syncs."""
    path = home.home.path / "table.csv"
    path.write_text(table, "utf-8")
    with home.open() as device:
        import_table(device.ledger, path)
    assert home.sync().in_agreement


def received(laptop: Laptop) -> set[str]:
    """The canaries in what a fresh device of this account is sent."""
    laptop.cursor = None
    pages = laptop.pull_all()
    assert every_id(pages)
    return {word for word in CANARIES if any(word in str(page) for page in pages)}


@pytest.mark.proves("R07", "R09", "R17", "R18", "R43")
def test_the_next_years_table_moves_every_scope(tmp_path: Path) -> None:
    """Each receives their projects' and their department's lines and nothing of others; after one import those of the
    new table, also what a former butler had not sent in time, and nothing of the old."""
    with running_central(tmp_path) as central:
        home = bureau(tmp_path / "bureau", central)
        read_in(home, THIS_YEAR)
        place = {line.body["name"]: line.id for line in home.lines().values() if line.kind == "project"}
        units = [home.put("unit", name=name, kind="department").id for name in ("住建局", "生态环境局")]
        home.sync()
        first, second, leader = (central.enrol(name, "butler") for name in ("甲建国", "乙卫东", "丁守正"))
        housing, nature = (
            central.enrol(f"{name}科", "department", department=name) for name in ("住建局", "生态环境局")
        )
        wind, store, cold = (place[name] for name in ("风电场工程", "储能电站", "冷链物流园"))
        own, other = issue(first, wind, text=HOUSING), issue(second, store, text=NATURE)
        work = {
            first: [visit(first, wind, WIND), visit(first, cold, COLD), own,
                    step(first, own, "assigned", department_id=units[0])],
            second: [visit(second, store, STORE), other, step(second, other, "assigned", department_id=units[1])],
        }  # fmt: skip
        assert {code for laptop, lines in work.items() for code in outcome_codes(laptop.push(lines))} == {"applied"}
        officers = (first, second, leader, housing, nature)
        assert [received(each) for each in officers] == [
            {WIND, COLD, HOUSING}, {STORE, NATURE}, {WIND, STORE, HOUSING, NATURE}, {HOUSING}, {NATURE},
        ]  # fmt: skip
        disputed = step(housing, own, "disputed", reason="不属本部门职责")
        assert outcome_codes(housing.push([disputed])) == ["applied"]
        unsent = visit(first, wind, LATE)
        home.sync()
        read_in(home, NEXT_YEAR)
        home.put("issue_step", project=wind, issue_id=own.id, act="assigned", department_id=units[1])
        home.sync()
        assert outcome_codes(first.push([unsent])) == ["applied"]
        assert [received(each) for each in officers] == [
            {STORE, NATURE, COLD}, {WIND, HOUSING, LATE}, {STORE, NATURE, COLD}, set(), {NATURE, HOUSING},
        ]  # fmt: skip
        home.sync()
        held = b"\n".join(map(canonical_json, home.all_lines())).decode()
        assert [word for word in CANARIES if word not in held] == []
