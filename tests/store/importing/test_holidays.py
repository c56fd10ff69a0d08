"""A year's holidays, as the bureau enters them from a table."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from store.importing.exceptions import HolidayRowUnclear
from store.importing.holidays import read_holidays

TABLE = """节日,日期,安排
元旦,2062-01-01至2062-01-03,放假
春节,2062年2月8日,放假
,2062/2/9,放假
春节调班,2062.2.12,上班
"""


def written(folder: Path, text: str) -> Path:
    """A file with this text."""
    path = folder / "holidays.csv"
    path.write_text(text, "utf-8")
    return path


def test_days_off_and_days_worked_are_read(tmp_path: Path) -> None:
    """A day, a range, the first and the last in two columns, days without a year by --year."""
    [(year, calendar)] = read_holidays(written(tmp_path, TABLE)).items()
    assert year == 2062
    assert sorted(calendar.off) == [date(2062, 1, day) for day in (1, 2, 3)] + [date(2062, 2, day) for day in (8, 9)]
    assert calendar.worked == {date(2062, 2, 12)}
    spans = read_holidays(
        written(tmp_path, "节日,开始,结束,类型\n国庆,10月1日,10月3日,放假\n补班,10月8日,,上班\n"), 2062
    )
    assert sorted(spans[2062].off) == [date(2062, 10, day) for day in (1, 2, 3)]
    short = read_holidays(written(tmp_path, "日期,安排\n5月1日至3日,放假\n"), 2062)
    assert sorted(short[2062].off) == [date(2062, 5, day) for day in (1, 2, 3)]


@pytest.mark.parametrize(
    "span",
    [
        "5月1日-5月3日",
        "5月1日－3日",
        "5月1日(周一)-3日(周三)",
        "5.1-5.3",
        "2062-05-01 - 2062-05-03",
        "2062.5.1-2062.5.3",
    ],
)
def test_a_hyphen_parts_the_days_of_a_range(tmp_path: Path, span: str) -> None:
    """Offices write ranges with a hyphen, too; the hyphens within a day part nothing."""
    years = read_holidays(written(tmp_path, f"日期,安排\n{span},放假\n"), 2062)
    assert sorted(years[2062].off) == [date(2062, 5, day) for day in (1, 2, 3)]


@pytest.mark.parametrize(
    "row",
    [
        "2062-05-01,",
        "某一天,放假",
        "2062-02-30,放假",
        "2062-05-01,放假后上班",
        "5月1日,放假",
        "2062-05-03至2062-05-01,放假",
        "2062-05-01至某日,放假",
    ],
)
def test_a_row_that_is_not_clear_is_refused_with_its_number(tmp_path: Path, row: str) -> None:
    """Nothing is guessed: a holiday that is left out may become a due date."""
    with pytest.raises(HolidayRowUnclear) as refused:
        read_holidays(written(tmp_path, f"日期,安排\n2062-01-01,放假\n{row}\n"))
    assert refused.value.values["row"] == 3
    with pytest.raises(HolidayRowUnclear):
        read_holidays(written(tmp_path, "日期,安排\n"))
