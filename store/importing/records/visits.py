"""Plans visits: each is known by its project, its time, and its place among those of that time in the table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from store.importing.records.fields import HOW_WORDS
from store.importing.records.planner import RecordPlanner, RowRefused
from store.importing.records.table import RecordRow
from store.ledger.line import derived_id
from store.values.name_lists import split_name_list

_HOW_PARTS = {
    "座谈": "discussion", "电话": "phone", "通话": "phone", "微信": "wechat", "线上": "wechat", "会": "meeting",
    "走访": "visit", "实地": "visit", "现场": "visit", "上门": "visit", "入企": "visit", "调研": "visit",
}  # fmt: skip


def plan_visits(planner: RecordPlanner, rows: Sequence[RecordRow]) -> None:
    """Draft a visit for each row."""
    seen: Counter[tuple[str, str]] = Counter()
    planner.plan_rows(rows, lambda row: _plan(planner, row, seen))


def _plan(planner: RecordPlanner, row: RecordRow, seen: Counter[tuple[str, str]]) -> None:
    project = planner.project(row)
    at = planner.moment(row, "at")
    names, note = split_name_list(row.line("who"))
    for text in (row.line("place"), *names, note or ""):
        planner.check_length(text)
    said = {
        "at": at,
        "place": row.line("place"),
        "participants": list(names),
        "participants_note": note,
        "text": row.texts.get("text", ""),
    }
    if not any(said[name] for name in ("place", "participants", "participants_note", "text")):
        raise RowRefused("empty_record")
    how = planner.code(row, "how", HOW_WORDS, _HOW_PARTS)
    seen[project.id, at] += 1
    visit = derived_id(planner.existing.district, "visit", project.id, at, str(seen[project.id, at]))
    line = planner.by_id.get(visit)
    new = line is None or line.deleted
    changes = planner.put("visit", visit, {**said, "how": how or ("visit" if new else None)}, project.id)
    planner.judge(row, f"{project.body['name']} {at[:10]}", new=new, changes=changes)
