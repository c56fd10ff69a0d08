"""Lists of the ledger read in windows: the right rows around a line, whatever has happened since."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.queries.issues import IssueFilter
from store.writer.local_writes import Draft
from tests.store.queries.sample import statements
from tests.tui.sample import Sample, issue_id, line_id, make_home
from tui.data.lists import issue_list, visit_list
from tui.data.reader import Reader
from tui.data.rows import all_rows

COUNT = 700


@pytest.fixture(scope="module")
def long_ledger(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A project with 700 issues and 700 visits."""
    sample = make_home(tmp_path_factory.mktemp("long") / "home")
    project = line_id("project", 1)
    drafts = [Draft("project", {"name": "北山", "number": "1", "category": "new"}, id=project)]
    for n in range(COUNT):
        issue = {"number": f"N{n:04d}", "title": f"第{n}号", "kind": "problem"}
        drafts.append(Draft("issue", issue, project, issue_id(n)))
        visit = {"at": f"2026-01-{n % 28 + 1:02d}T09:00+08:00", "how": "phone", "text": f"{n}"}
        drafts.append(Draft("visit", visit, project, line_id("visit", n)))
    sample.ledger.put_many(drafts)
    return sample


@pytest.fixture
def reader(long_ledger: Sample) -> Reader:
    """A reader over it."""
    return Reader(long_ledger.open(), long_ledger.home, now_ms=lambda: 0)


def test_a_window_is_around_its_line(reader: Reader) -> None:
    """The rows around a line are its neighbours in the whole list, with the position of the first."""
    source = reader.paged(issue_list(IssueFilter()))
    window = source.window(issue_id(300), 0, 20)
    assert window.total == COUNT
    assert window.start == COUNT - 1 - 300 - 20
    assert [row.number for row in window.rows] == [f"N{n:04d}" for n in range(320, 279, -1)]


def test_windows_together_are_the_whole_list(reader: Reader) -> None:
    """Read window by window, every line appears once, in order."""
    source = reader.paged(visit_list(line_id("project", 1)))
    seen: dict[int, str] = {}
    for place in range(0, COUNT, 50):
        window = source.window(None, place, 60)
        seen.update({window.start + n: row.id for n, row in enumerate(window.rows)})
    assert len(seen) == COUNT
    assert len(set(seen.values())) == COUNT


def test_a_list_sorted_by_a_column_is_read_by_as_many_queries_wherever_it_is_entered(reader: Reader) -> None:
    """In the middle, at the end, around a line: the rows of that place, in a fixed number of queries."""
    source = reader.paged(issue_list(IssueFilter(order="title", reverse=True)))
    whole = [row.title for row in all_rows(source)]
    assert whole == sorted(whole, reverse=True) and len(whole) == COUNT
    counts = []
    for anchor, place in ((None, 0), (issue_id(300), 0), (None, COUNT - 1), (None, 350)):
        with statements(reader.database.connection()) as asked:
            window = source.window(anchor, place, 20)
        counts.append(len(asked))
        assert [row.title for row in window.rows] == whole[window.start : window.start + len(window.rows)]
    assert max(counts) <= 9


def test_an_empty_list_has_an_empty_window(reader: Reader) -> None:
    """Nothing found is a window of nothing."""
    window = reader.paged(issue_list(IssueFilter(text="不存在"))).window(None, 0, 20)
    assert (list(window.rows), window.start, window.total) == ([], 0, 0)


def test_a_line_that_moved_is_found_where_it_is_now(tmp_path: Path) -> None:
    """When a visit's time is corrected, the window follows the line to its new position."""
    sample = make_home(tmp_path / "home")
    project = line_id("project", 1)
    sample.ledger.put("project", {"name": "北山", "number": "1", "category": "new"}, id=project)
    for n in range(1, 10):
        body = {"at": f"2026-01-{n:02d}T09:00+08:00", "how": "phone"}
        sample.ledger.put("visit", body, project=project, id=line_id("visit", n))
    reader = Reader(sample.open(), sample.home, now_ms=lambda: 0)
    source = reader.paged(visit_list(project))
    assert source.window(line_id("visit", 9), 0, 2).start == 0
    sample.ledger.edit("visit", line_id("visit", 9), at="2025-12-31T09:00+08:00")
    reader.invalidate()
    window = source.window(line_id("visit", 9), 0, 2)
    assert [row.id for row in window.rows][-1] == line_id("visit", 9)
    assert window.start == 6
