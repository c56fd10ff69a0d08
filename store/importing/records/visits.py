"""Plans visits: each is known by its project, its time, and its place among those of that time in the table: those that
were taken in before, then those that officers recorded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from store.importing.records.line_fields import HOW_WORDS
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
    known = _KnownVisits(planner.existing.district)
    for line in planner.live("visit"):
        known.at_time[line.project or "", str(line.body["at"])].append(line.id)
    planner.plan_rows(rows, lambda row: _plan(planner, row, known))


@dataclass(slots=True)
class _KnownVisits:
    """The visits that are here, by project and time, and how many of each time the table has named."""

    district: str
    at_time: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def next_id(self, project: str, at: str) -> str:
        """The id of the next visit of this time: one that is here, else a new one's."""
        self.seen[project, at] += 1
        here, turn = self.at_time.get((project, at), []), self.seen[project, at]
        derived = [self._derived(project, at, number) for number in range(1, len(here) + 1)]
        ordered = [id for id in derived if id in here] + [id for id in here if id not in derived]
        return ordered[turn - 1] if turn <= len(ordered) else self._derived(project, at, turn)

    def _derived(self, project: str, at: str, number: int) -> str:
        return derived_id(self.district, "visit", project, at, str(number))


def _plan(planner: RecordPlanner, row: RecordRow, known: _KnownVisits) -> None:
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
    visit = known.next_id(project.id, at)
    line = planner.by_id.get(visit)
    new = line is None or line.deleted
    changes = planner.put("visit", visit, {**said, "how": how or ("visit" if new else None)}, project.id, told=not new)
    planner.judge(row, f"{project.body['name']} {at[:10]}", new=new, changes=changes)
