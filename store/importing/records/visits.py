"""Plans visits: each is known by its project, its time, and among those of that time by its text, else by its place in
the table: those that were taken in before, then those that officers recorded. A time without seconds means its minute.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from store.importing.records.line_fields import HOW_WORDS
from store.importing.records.planner import RecordPlanner, RowRefused
from store.importing.records.record_rows import RecordRow
from store.ledger.line import derived_id
from store.values.name_lists import split_name_list
from store.values.times import minute_of

_HOW_PARTS = {
    "座谈": "discussion", "电话": "phone", "通话": "phone", "微信": "wechat", "线上": "wechat", "会": "meeting",
    "走访": "visit", "实地": "visit", "现场": "visit", "上门": "visit", "入企": "visit", "调研": "visit",
}  # fmt: skip


def plan_visits(planner: RecordPlanner, rows: Sequence[RecordRow]) -> None:
    """Draft a visit for each row."""
    known = _KnownVisits(planner.existing.district, frozenset(map(_said, rows)))
    for line in planner.live("visit"):
        known.texts[line.id] = str(line.body.get("text") or "")
        for key in dict.fromkeys((str(line.body["at"]), minute_of(str(line.body["at"])))):
            known.at_time[line.project or "", key].append(line.id)
    planner.plan_rows(rows, lambda row: _plan(planner, row, known))


def _said(row: RecordRow, text: str | None = None) -> tuple[str, str, str, str]:
    """A text that a row says of its project and time, as they stand in the table; by default its own."""
    own = row.texts.get("text", "") if text is None else text
    return row.line("project"), row.line("project_number"), row.line("at"), own


@dataclass(slots=True)
class _KnownVisits:
    """The visits that are here, by project and time, their texts, what all rows say, and the visits of each time that
    the table has named."""

    district: str
    said: frozenset[tuple[str, str, str, str]]
    texts: dict[str, str] = field(default_factory=dict)
    at_time: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    named: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def next_id(self, project: str, at: str, row: RecordRow) -> str:
        """The id of the visit of this time that the row is: one that is here, else a new one's."""
        here, named = self.at_time.get((project, at), []), self.named[project, at]
        derived = [self._derived(project, at, number) for number in range(1, len(here) + 1)]
        ordered = [id for id in derived if id in here] + [id for id in here if id not in derived]
        free = [id for id in ordered if id not in named]
        same = [id for id in free if self.texts[id] == row.texts.get("text", "")]
        unsaid = [id for id in free if _said(row, self.texts[id]) not in self.said]
        chosen = next(iter((*same, *unsaid, *free)), None) or self._derived(project, at, len(named) + 1)
        named.append(chosen)
        return chosen

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
    visit = known.next_id(project.id, at, row)
    line = planner.by_id.get(visit)
    new = line is None or line.deleted
    if line is not None and not new and minute_of(str(line.body["at"])) == at:
        said["at"] = line.body["at"]
    changes = planner.put("visit", visit, {**said, "how": how or ("visit" if new else None)}, project.id, told=not new)
    planner.judge(row, f"{project.body['name']} {at[:10]}", new=new, changes=changes)
