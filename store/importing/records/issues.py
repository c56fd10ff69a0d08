"""Plans issues with their history, as far as the table tells it, as steps that are marked as taken over.

> An issue is known by its number, else by its project and what it says. The steps follow from the state in the table:
> recorded, assigned, accepted, progress, settled, approved. Later tables add steps and take none back; an issue on
> which officers have acted here since is left as it is, and told.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from store.commands.numbers import number_of
from store.domain.issue_lifecycle import FINISHED_STATES, compute_state
from store.importing.import_report import FieldChange
from store.importing.records.fields import CATEGORY_WORDS, ISSUES, KIND_WORDS, SCREEN_STATES, STATE_WORDS, TABLE_STATES
from store.importing.records.planner import RecordPlanner, RowRefused
from store.importing.records.record_rows import RecordRow
from store.importing.row_verdicts import ShownIssue
from store.ledger.line import Line, derived_id
from store.values.text import normalize_name
from store.writer.local_writes import Draft

_LONGEST_TITLE, _SHORT_TITLE = 200, 100
_CATEGORY_WORDS = {
    "procedure": "手续 审批 证照", "land": "土地 用地 征地 征收 拆迁", "funding": "资金 融资 贷款",
    "labour": "用工 招工 劳动 人才", "utilities": "电 水 气 暖 热 路 要素 基础设施", "market": "市场 销售",
    "policy": "政策", "other": "其他 其它",
}  # fmt: skip
_CATEGORY_PARTS = {part: code for code, parts in _CATEGORY_WORDS.items() for part in parts.split()}
_KIND_PARTS = {"诉求": "request", "需求": "request", "困难": "difficulty", "问题": "problem"}
_STATES = (
    ("cancelled", re.compile(r".*(?:撤销|撤回|取消|作废|不予|终止|不再).*")),
    ("open", re.compile(r".*(?:未(?:办理|解决|受理|启动|开始|交办|办结|完成|销号)|待(?:办|交办|受理)|新增|尚未.*)|否")),
    ("waiting", re.compile(r".*(?:等待|暂缓|搁置|挂起).*")),
    ("in_progress", re.compile(r".*(?:部分|基本|中|推进|进行|正在|跟进|长期|持续|跟踪).*")),
    ("settled", re.compile(r".*待(?:销号|验收|确认|审核|审定).*")),
    (
        "closed",
        re.compile(
            r"(?:已|全部|均)*(?:办结|解决|完成|销号|闭环|办理|整改到位|落实|结案|完结)(?:完毕|到位|完成)?|是|√|closed"
        ),
    ),
    ("assigned", re.compile(r".*(?:已受理|交办|转办)")),
)
"""The states that words mean, the first that matches."""
_HANDLED = ("assigned", "accepted", "progress")
_ACTS: Mapping[str, Sequence[str]] = {
    "open": (),
    "assigned": ("assigned",),
    "in_progress": _HANDLED,
    "waiting": (*_HANDLED, "waiting"),
    "settled": (*_HANDLED, "settled"),
    "closed": (*_HANDLED, "settled", "approved"),
    "cancelled": ("cancelled",),
}
"""The acts behind the record by which an issue came to a state."""
_RANK = (
    "open",
    "cancelled",
    "assigned",
    "waiting",
    "escalated",
    "in_progress",
    "settled",
    "pending_approval",
    "closed",
)


_COLUMNS = {"department_id": "department", "owner_id": "owner"}
_NO_DAY = date(2000, 1, 1)
"""In the number of an issue of which the table tells no day."""


class _Key(NamedTuple):
    project: str
    text: str


@dataclass(slots=True)
class _KnownIssues:
    """The issues that are here: by number, and by project and title; the steps of each, and what lists show of it."""

    numbers: dict[str, Line]
    titles: dict[_Key, Line]
    steps: dict[str, list[Line]]
    shown: Mapping[str, ShownIssue]


def plan_issues(planner: RecordPlanner, rows: Sequence[RecordRow]) -> None:
    """Draft an issue with its steps for each row."""
    issues = list(planner.live("issue"))
    steps: dict[str, list[Line]] = defaultdict(list)
    for step in planner.live("issue_step"):
        steps[str(step.body.get("issue_id"))].append(step)
    known = _KnownIssues(
        {normalize_name(str(line.body["number"])): line for line in issues},
        {_Key(str(line.project), normalize_name(str(line.body["title"]))): line for line in issues},
        steps,
        planner.existing.issues,
    )
    seen: set[str] = set()
    planner.plan_rows(rows, lambda row: _plan(planner, row, known, seen))


def _plan(planner: RecordPlanner, row: RecordRow, known: _KnownIssues, seen: set[str]) -> None:
    project = planner.project(row)
    title, text = _title_and_text(planner, row)
    number, key = row.line("number"), _Key(project.id, normalize_name(title))
    for said in (number, row.line("close_number")):
        planner.check_length(said)
    line = known.numbers.get(normalize_name(number)) if number else known.titles.get(key)
    if line is not None and line.project != project.id:
        raise RowRefused("number_of_other_project", number=number)
    about = (normalize_name(number),) if number else key
    id = line.id if line else derived_id(planner.existing.district, "issue", "taken over", *about)
    if id in seen:
        raise RowRefused("twice", name=title[:60])
    seen.add(id)
    responsible, raised = planner.responsible(row), planner.day(row, "raised_at")
    body: dict[str, object] = {
        "title": title,
        "text": text,
        "category": planner.code(row, "category", CATEGORY_WORDS, _CATEGORY_PARTS),
        "kind": planner.code(row, "kind", KIND_WORDS, _KIND_PARTS) or (None if line else _kind_in(title)),
        "department_id": responsible.department,
        "owner_id": responsible.owner,
        "due": planner.day(row, "due"),
        "raised_at": f"{raised}T00:00+08:00" if raised and not _is_day_of(line, raised) else None,
    }
    before, shown = known.steps.get(id, []), known.shown.get(id)
    for name in ("department_id", "owner_id", "due"):  # what lists show of it may come from a step or a time rule
        if shown is not None and body[name] == getattr(shown, name):
            body[name] = None
    if line is not None and _was_acted_on(before):
        _leave(planner, row, line, body, before, "" if shown is None else shown.state)
        return
    if line is None:
        body["number"] = number or _number(known, id, raised)
        known.numbers[normalize_name(str(body["number"]))] = Line(id, "issue", project.id, 0, "", "", False, body)
    changes = planner.put("issue", id, body, project.id, told=line is not None)
    steps = [*_steps(planner, row, Draft("issue", body, project.id, id), raised, responsible.others)]
    changes += _put_steps(planner, row, line, before, steps)
    planner.judge(row, title, new=line is None, changes=changes)


def _was_acted_on(steps: Sequence[Line]) -> bool:
    """Whether officers have done more about an issue than recording it."""
    return any(not step.body.get("taken_over") and step.body.get("act") != "recorded" for step in steps)


def _leave(
    planner: RecordPlanner, row: RecordRow, line: Line, body: Mapping[str, object], before: Sequence[Line], state: str
) -> None:
    """Leave an issue that officers have acted on as it is; refuse the row where it says something else, also of what
    was done. ``state`` is what lists show."""
    said: list[tuple[str, str]] = [
        (_COLUMNS.get(name, name), planner.shown(value))
        for name, value in body.items()
        if value not in (None, "") and line.body.get(name) != value
    ]
    texts = {normalize_name(str(step.body.get(name) or "")) for step in before for name in ("text", "measure")}
    said += [(name, row.line(name)) for name in ("progress", "measure") if normalize_name(row.line(name)) not in texts]
    word = "".join(row.line("state").split())
    if word and SCREEN_STATES.get(state) != word and _state_of(word) not in (None, state, TABLE_STATES.get(state)):
        said.append(("state", word))
    said = [(name, text) for name, text in said if text]
    if said:
        what = "；".join(f"{_heading(name)} {text[:20]}" for name, text in said[:3])
        raise RowRefused("worked_on", number=str(line.body["number"]), what=what)
    planner.judge(row, str(line.body["title"]), new=False, changes=())


def _heading(name: str) -> str:
    field = ISSUES.field(name)
    return field.heading if field else name


def _put_steps(
    planner: RecordPlanner, row: RecordRow, line: Line | None, before: Sequence[Line], steps: Sequence[Draft]
) -> list[FieldChange]:
    """Draft the steps that are not here yet; what the issue has come to is not taken back."""
    here = {step.id for step in before}
    is_recorded = any(step.body.get("act") == "recorded" for step in before)
    more = [step for step in steps if step.id not in here and not (is_recorded and step.body["act"] == "recorded")]
    state = compute_state(line, before).state if line is not None else "open"
    if line is not None and "".join(row.line("state").split()) == SCREEN_STATES.get(state):
        return []  # the table is this ledger's own
    wanted = _state_after(steps)
    if line is not None and more and (state in FINISHED_STATES or _RANK.index(wanted) < _RANK.index(state)):
        planner.warn(row, "state_stays", "state", number=str(line.body["number"]))
        return []
    if line is not None and state != "open":  # what led to the state that the issue has is done
        done = {"assigned"} if state == "assigned" else {"assigned", "accepted"}
        more = [step for step in more if step.body["act"] not in done]
    planner.drafts += more
    return [] if line is None else [FieldChange("issue_step", "", str(step.body["act"])) for step in more]


def _state_after(steps: Sequence[Draft]) -> str:
    last = {"recorded": "open", "approved": "closed", "accepted": "in_progress", "progress": "in_progress"}
    acts = [str(step.body["act"]) for step in steps]
    return last.get(acts[-1], acts[-1]) if acts else "open"


def _steps(
    planner: RecordPlanner, row: RecordRow, issue: Draft, raised: str | None, others: Sequence[str]
) -> Iterator[Draft]:
    """What the table tells of the issue's life, in order."""
    settled = planner.day(row, "settled_at")
    days = {"recorded": raised, "settled": settled, "approved": settled}
    progress, measure = row.texts.get("progress", ""), row.texts.get("measure", "")
    responsible = {name: issue.body[name] for name in ("department_id", "owner_id", "due")}
    said: dict[str, dict[str, object]] = {
        "assigned": {**responsible, "with_ids": [*others]},
        "progress": {"text": progress},
        "waiting": {"reason": progress or row.line("state")},
        "settled": {"measure": measure or progress},
        "approved": {"close_number": row.line("close_number")},
        "cancelled": {"reason": measure or progress or row.line("state")},
    }
    for act in ("recorded", *_ACTS[_state_in(planner, row, settled)]):
        fields = {name: value for name, value in said.get(act, {}).items() if value not in (None, "", [])}
        if act == "progress" and not fields:
            continue
        at = {"at": f"{day}T00:00+08:00"} if (day := days.get(act)) else {}
        told = normalize_name(progress) if act == "progress" else ""
        id = derived_id(planner.existing.district, "issue_step", "taken over", str(issue.id), act, told)
        body = {"issue_id": issue.id, "act": act, **at, **fields, "taken_over": planner.source}
        yield Draft("issue_step", body, issue.project, id)


def _state_in(planner: RecordPlanner, row: RecordRow, settled: str | None) -> str:
    """The state that the table gives an issue: its word, else what its other columns imply."""
    text = "".join(row.line("state").split())
    if text:
        if state := _state_of(text):
            return state
        planner.warn(row, "unknown_value", "state", text=text[:60])
    if settled or row.line("close_number"):
        return "closed"
    if row.line("progress"):
        return "in_progress"
    return "assigned" if row.line("department") else "open"


def _state_of(word: str) -> str | None:
    """The state that a word without blanks means."""
    return STATE_WORDS.get(word) or next((state for state, words in _STATES if words.fullmatch(word)), None)


def _title_and_text(planner: RecordPlanner, row: RecordRow) -> tuple[str, str]:
    """The title in one line, and the text; a long title becomes the text, and its first clause the title."""
    title, text = row.line("title"), row.texts.get("text", "")
    if not title:
        raise RowRefused("no_title")
    if len(title) > _LONGEST_TITLE:
        text = f"{row.texts['title']}\n{text}".strip()
        title = re.split(r"[。；;！!\n]", title, maxsplit=1)[0][:_SHORT_TITLE]
        planner.warn(row, "title_shortened", "title", name=title[:60])
    return title, text


def _kind_in(title: str) -> str:
    return next((kind for part, kind in _KIND_PARTS.items() if part in title), "problem")


def _is_day_of(line: Line | None, day: str) -> bool:
    return line is not None and str(line.body.get("raised_at") or "")[:10] == day


def _number(known: _KnownIssues, id: str, raised: str | None) -> str:
    """A number for an issue that the table gives none: the same wherever the table is taken in."""
    day = date.fromisoformat(raised) if raised else _NO_DAY
    number, turn = number_of(id, day), 1
    while normalize_name(number) in known.numbers:
        turn += 1
        number = number_of(derived_id(id, str(turn)), day)
    return number
