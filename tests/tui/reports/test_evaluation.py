"""Evaluation sheets: scores with the ledger's facts beside them (R52–R56)."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.commands import evaluations, register_lines
from store.commands.evaluations import LEGAL_BASIS
from store.domain.registers import CRITERION_REGISTER
from tests.store.devices import device
from tests.store.queries.sample import TODAY
from tests.tui.reports.conftest import District
from tests.tui.reports.opening import FORMATS, sheets, written
from tui.reports.evaluation import evaluation_sheets

MONTH = TODAY.isoformat()[:7]


@pytest.fixture
def evaluated(worked: District) -> District:
    """Two evaluations of this month and one of another year, by two score lines."""
    ledger = worked.sample.ledger
    for code, name, points, fact in (("A1", "按期办结", "40", "in_time"), ("A2", "走访记录", "60", None)):
        register_lines.add(ledger, CRITERION_REGISTER, code=code, name=name, points=points, fact=fact, rank=code[1:])
    evaluations.evaluate(
        ledger, period=MONTH, unit="住建局", outcome="commendation", reason="办结快", lines=["A1=40", "A2=38.5"]
    )
    evaluations.evaluate(ledger, period=MONTH, unit="水务局", outcome="criticism", reason="应付了事", lines=["A9=3"])
    evaluations.evaluate(ledger, period="2019", person="丁水", outcome="none", score="80")
    return worked


@pytest.mark.parametrize("kind", FORMATS)
def test_a_sheet_has_scores_and_facts(kind: str, evaluated: District, tmp_path: Path) -> None:
    """Score line, the ledger's figure beside it, points of how many; then all facts."""
    cells = written(evaluation_sheets(evaluated.connection, evaluated.on), tmp_path, kind)
    assert ["A1 按期办结", "in_time", "1", "40", "40"] in cells
    assert ["A2 走访记录", "", "", "60", "38.5"] in cells
    assert ["a score line that is no longer there (A9)", "", "", "", "3"] in cells
    assert ["closed"] not in cells
    assert ["settled", "1"] in [row[:2] for row in cells]


@pytest.mark.parametrize("kind", FORMATS)
def test_criticism_has_its_fault_reason_and_basis(kind: str, evaluated: District, tmp_path: Path) -> None:
    """The notice's fault, the reason given and the legal basis are in the overview and on the sheet."""
    cells = written(evaluation_sheets(evaluated.connection, evaluated.on), tmp_path, kind)
    assert [MONTH, "水务局", "3", "criticism", "perfunctory", "应付了事", LEGAL_BASIS] in cells
    said = {row[0]: row[1] for row in cells if len(row) > 1}
    assert said["Legal basis"] == LEGAL_BASIS


def test_evaluations_are_chosen(evaluated: District) -> None:
    """Of a period, of a unit, of a person."""
    unit = evaluated.connection.execute("SELECT id FROM unit WHERE name = '住建局'").fetchone()[0]
    person = evaluated.connection.execute("SELECT id FROM person WHERE name = '丁水'").fetchone()[0]
    for chosen, whom in (
        ({"period": MONTH}, {"住建局", "水务局"}),
        ({"unit": unit}, {"住建局"}),
        ({"person": person}, {"丁水"}),
        ({"period": "2020"}, set()),
    ):
        report = evaluation_sheets(evaluated.connection, evaluated.on, **chosen)
        assert {row[1] for row in report.tables[0].rows if isinstance(row, tuple)} == whom


def test_each_evaluation_has_a_sheet_and_a_page(evaluated: District, tmp_path: Path) -> None:
    """One sheet of the workbook for each, after the overview."""
    written(evaluation_sheets(evaluated.connection, evaluated.on), tmp_path, "xlsx")
    names = list(sheets(tmp_path / "out.xlsx"))
    assert names[0] == "Overview"
    assert set(names[1:]) == {f"{MONTH} 住建局", f"{MONTH} 水务局", "2019 丁水"}


@pytest.mark.parametrize("kind", FORMATS)
def test_without_evaluations_there_is_an_empty_overview(kind: str, worked: District, tmp_path: Path) -> None:
    """Nobody was evaluated: the report opens and says so by having no row."""
    empty = device(tmp_path, "empty")
    report = evaluation_sheets(empty.database.connection(), worked.on)
    assert (report.total, len(report.tables)) == (0, 1)
    assert written(report, tmp_path, kind)[-1][0] == "Period"
    empty.database.close()
