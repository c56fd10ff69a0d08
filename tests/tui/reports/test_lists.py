"""Any list as a report: columns from what stands in them, rows as they are read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice

from tui.reports.lists import list_report


def test_a_list_without_end_is_described_after_its_first_rows() -> None:
    """Rows are read while they are written, however many follow: only the first are looked at before."""
    taken: list[int] = []

    def endless() -> Iterator[tuple[str]]:
        for number in count():
            taken.append(number)
            yield (str(number),)

    rows = endless()
    report = list_report("所有", ("No.",), rows)
    assert len(taken) < 1_000
    assert list(islice(report.tables[0].rows, 3)) == [("0",), ("1",), ("2",)]


def test_a_column_is_what_stands_in_it() -> None:
    """Days and moments are told from the first rows, and a column is as wide as its texts, within bounds."""
    rows = [("2026-05-20", "2026-05-20T08:00+08:00", "外" * 90, None), (None, "2026-05-21 09:30", "2026-05-20", 3)]
    columns = list_report("", ("a", "b", "c", "d"), rows).tables[0].columns
    assert [column.kind for column in columns] == ["day", "moment", "text", "text"]
    assert [column.width for column in columns] == [10, 22, 40, 5]
