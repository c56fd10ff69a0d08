"""Tables of a register looked at before they are taken in, each as a whole process: time and peak memory.

look at a ledger …   ``guanjia import FILE --as issues --dry-run`` of N rows ÷ reading its cells with calamine
write the visits …   ``guanjia visit list --out FILE.xlsx`` of all ÷ the rows from bare SQLite with XlsxWriter
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from xlsxwriter import Workbook

from store.home.credentials import open_credentials
from store.home.paths import Home
from store.queries.name_lookup import list_named
from tests.bench import stage
from tests.bench.device import opened
from tests.bench.large import run_apart
from tests.bench.report import Measure
from tests.bench.tables import connect

NAMES = ("ledger",)
REACH_S = 30.0
MEMORY_MB = 400
"""A table is held as a whole while it is judged; so much it may take at 100,000 rows."""
_HEAD = (
    "项目名称",
    "问题编号",
    "存在问题",
    "责任单位",
    "责任人",
    "提出时间",
    "完成时限",
    "办理情况",
    "是否解决",
    "解决措施",
)
_FLOOR = (
    "import sys; from python_calamine import CalamineWorkbook as W\n"
    "print(sum(len(row) for row in W.from_path(sys.argv[1]).get_sheet_by_index(0).iter_rows()))"
)


def measure(home: Path, lines: int, repeat: int, wanted: Sequence[str]) -> Iterator[Measure]:
    """The wanted measurements: a ledger with as many rows as the home has lines."""
    if "ledger" not in wanted:
        return
    file = home.with_name(f"{home.name}-ledger.xlsx")
    write_ledger(file, names_in(home), lines)
    ours = [run_apart(home, "import", str(file), "--as", "issues", "--dry-run") for _ in range(repeat)]
    floor = statistics.median(_read_bare(file) for _ in range(repeat))
    whole, peak = statistics.median(run.whole for run in ours), statistics.median(run.peak_mb for run in ours)
    facts: dict[str, float | int | str] = {"cpu": round(statistics.median(run.cpu for run in ours), 1)}
    yield Measure("look at a ledger ÷ reading its cells", lines, whole, floor, facts=facts)
    yield Measure("look at a ledger", lines, whole, reach=REACH_S)
    yield Measure("memory, look at a ledger", lines, peak, unit="MB", reach=MEMORY_MB)
    yield _written(home, lines, repeat)


def _written(home: Path, lines: int, repeat: int) -> Measure:
    """A list written to a file, as a whole process."""
    file = home.with_name(f"{home.name}-visits.xlsx")
    words = ("visit", "list", "--out", str(file), "--overwrite")
    ours = [run_apart(home, *words) for _ in range(repeat)]
    rows = 0
    floors = []
    for _ in range(repeat):
        start = time.perf_counter()
        rows = _write_bare(home, file)
        floors.append(time.perf_counter() - start)
    facts: dict[str, float | int | str] = {
        "rows": rows,
        "cpu": round(statistics.median(run.cpu for run in ours), 1),
        "MB": round(statistics.median(run.peak_mb for run in ours)),
    }
    whole = statistics.median(run.whole for run in ours)
    return Measure(
        "write the visits ÷ bare SQLite and XlsxWriter", lines, whole, statistics.median(floors), facts=facts
    )


def _write_bare(home: Path, file: Path) -> int:
    """Write the columns of each visit as they are stored; how many there are."""
    connection = connect(home / "ledger.db", open_credentials(Home(home), "file").key())
    rows = connection.execute("SELECT at, how, place, participants, text FROM visit WHERE deleted = 0 ORDER BY id DESC")
    book = Workbook(str(file), {"constant_memory": True})
    sheet = book.add_worksheet()
    number = -1
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, [str(value or "") for value in row])
    book.close()
    connection.close()
    return number + 1


def names_in(home: Path) -> list[str]:
    """What the home's projects are called by: number or name."""
    database = opened(home).database
    names = [line.number or line.name for line in list_named(database.connection(), "project")]
    database.close()
    return names


def write_ledger(file: Path, names: Sequence[str], rows: int) -> None:
    """An .xlsx of issues as offices keep it, each row another."""
    book = Workbook(str(file), {"constant_memory": True})
    sheet = book.add_worksheet("台账")
    sheet.write_row(0, 0, _HEAD)
    for n in range(1, rows + 1):
        handled = ("正在办理", "是", "否")[n % 3]
        unit, person = f"区{'住发水林教'[n % 5]}局", f"{'甲乙丙丁戊'[n % 5]}建国"
        about = (names[n % len(names)], f"台账{n}", f"第{n}号地块供电线路未接通", unit, person)
        days = (f"2026-0{n % 9 + 1}-1{n % 9}", "2026-12-30")
        row = (*about, *days, f"第{n}次现场勘察，方案待批。", handled, f"协调解决第{n}号")
        sheet.write_row(n, 0, row)
    book.close()


def _read_bare(file: Path) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", _FLOOR, str(file)], env=stage.ENVIRONMENT, capture_output=True, check=True)
    return time.perf_counter() - start
