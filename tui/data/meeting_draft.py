"""A meeting while it is held: who sits over what, kept as a draft so that it goes on where it was broken off.

What it decides is written at once, as steps of the issues that name the meeting's line in their project; so nothing of
it is in the draft but which issues were discussed. The minute is read back from the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from store.ledger.line import new_id
from store.values.times import district_time, format_moment
from tui.i18n.translate import _

if TYPE_CHECKING:
    from store.queries.meetings import MeetingDecision

MEETING_DRAFT_KEY = "meeting"
"""The name of the draft: one meeting is held at a time."""


@dataclass
class MeetingDraft:
    """One meeting. ``departments`` are pairs of id and name, the id empty for “no department yet”; ``discussed`` pairs
    of an issue and its project, in the order in which they came up; ``started`` a moment."""

    session: str
    started: str
    departments: Sequence[tuple[str, str]]
    level: int = 1
    chair: str = ""
    chair_id: str = ""
    discussed: list[tuple[str, str]] = field(default_factory=list)

    def to_draft(self) -> dict[str, Any]:
        """The meeting as its draft keeps it."""
        return dict(vars(self))

    @classmethod
    def from_draft(cls, draft: Mapping[str, Any]) -> MeetingDraft:
        """The meeting that a draft keeps."""
        told = {name: draft[name] for name in ("session", "started", "level", "chair", "chair_id")}
        departments = [(str(one[0]), str(one[1])) for one in draft["departments"]]
        return cls(departments=departments, discussed=[(str(i), str(p)) for i, p in draft["discussed"]], **told)

    @property
    def department_names(self) -> str:
        """The departments, by name."""
        return "、".join(name for _id, name in self.departments)

    @property
    def department_ids(self) -> list[str | None]:
        """The departments' ids, as the ledger knows them."""
        return [line_id or None for line_id, _name in self.departments]

    def register_values(self) -> dict[str, Any]:
        """What the register keeps of it, whatever it decided."""
        return {
            "at": self.started,
            "title": _("Special meeting: {departments}").format(departments=self.department_names)[:80],
            "level": str(self.level),
            "chair": self.chair_id or self.chair,
            "departments": [line_id for line_id, _name in self.departments if line_id],
        }

    def issues_by_project(self) -> dict[str, list[str]]:
        """The issues that were discussed, by project."""
        found: dict[str, list[str]] = {}
        for issue, project in self.discussed:
            found.setdefault(project, []).append(issue)
        return found

    def add_discussed(self, issue: str, project: str) -> bool:
        """Issue ``issue`` has come up; gives whether that is new."""
        new = (issue, project) not in self.discussed
        if new:
            self.discussed.append((issue, project))
        return new


def minutes_texts(issues: Sequence[MeetingDecision], decision_texts: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The minute in words, for each project its own: an issue a line, with what was decided on it. ``said`` are the
    decisions in words, by issue."""
    texts: dict[str, list[str]] = {}
    for one in issues:
        words = "；".join(decision_texts[one.row.id]) or _("Discussed, nothing decided")
        texts.setdefault(str(one.row.project_id), []).append(f"{one.row.number} {one.row.title}：{words}")
    return {project: "\n".join(lines) for project, lines in texts.items()}


def start_meeting(
    departments: Sequence[tuple[str, str]], level: int, chair: str, chair_id: str, now_ms: int
) -> MeetingDraft:
    """A meeting that begins now."""
    return MeetingDraft(
        new_id(now_ms), format_moment(district_time(now_ms).replace(second=0)), departments, level, chair, chair_id
    )
