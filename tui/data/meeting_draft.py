"""A meeting while it is held, saved as a draft so that it goes on where it was interrupted.

A decision is written at once, as a step of its issue that names the meeting's line in its project; the draft holds only
who sits over what and which issues were discussed. The minutes are read back from the ledger.
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
"""The key of the draft: one meeting is held at a time."""
DISCUSSED = "discussed"
"""Stands for an act, in the key of a draft, where an issue was discussed and nothing decided."""


@dataclass
class MeetingDraft:
    """One meeting. ``departments`` are pairs of id and name, the id empty for “no department yet”; ``discussed`` pairs
    of an issue and its project, in the order in which they came up; ``notes`` what was said, by issue, where nothing
    was decided; ``started`` a moment."""

    session: str
    started: str
    departments: Sequence[tuple[str, str]]
    level: int = 1
    chair: str = ""
    chair_id: str = ""
    discussed: list[tuple[str, str]] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    def to_draft(self) -> dict[str, object]:
        """The meeting as its draft holds it."""
        return dict(vars(self))

    @classmethod
    def from_draft(cls, draft: Mapping[str, Any]) -> MeetingDraft:
        """The meeting that a draft holds."""
        fields = {name: draft[name] for name in ("session", "started", "level", "chair", "chair_id")}
        departments = [(str(line_id), str(name)) for line_id, name in draft["departments"]]
        fields["notes"] = {str(issue): str(text) for issue, text in draft.get("notes", {}).items()}
        return cls(departments=departments, discussed=[(str(i), str(p)) for i, p in draft["discussed"]], **fields)

    @property
    def department_names(self) -> str:
        """The names of the departments."""
        return "、".join(name for _id, name in self.departments)

    @property
    def department_ids(self) -> list[str | None]:
        """The ids of the departments, as the ledger has them."""
        return [line_id or None for line_id, _name in self.departments]

    def register_values(self) -> dict[str, object]:
        """The fields of its line in the register of meetings."""
        return {
            "at": self.started,
            "title": _("Special meeting: {departments}").format(departments=self.department_names)[:80],
            "level": str(self.level),
            "chair": self.chair_id or self.chair,
            "departments": [line_id for line_id, _name in self.departments if line_id],
        }

    def issues_by_project(self) -> dict[str, list[str]]:
        """The issues that were discussed, by project."""
        issues: dict[str, list[str]] = {}
        for issue, project in self.discussed:
            issues.setdefault(project, []).append(issue)
        return issues

    def add_discussed(self, issue: str, project: str) -> bool:
        """Add an issue that was discussed; returns whether that is new."""
        new = (issue, project) not in self.discussed
        if new:
            self.discussed.append((issue, project))
        return new


def undecided_text(note: str) -> str:
    """That nothing was decided, and what was said."""
    return _("Discussed, nothing decided: {text}").format(text=note) if note else _("Discussed, nothing decided")


def minutes_texts(
    issues: Sequence[MeetingDecision], decision_texts: Mapping[str, Sequence[str]], notes: Mapping[str, str]
) -> dict[str, str]:
    """The text of the minutes for each project: an issue a line, with what was decided on it, or said. The
    ``decision_texts`` are sentences, by issue; ``notes`` as those of `MeetingDraft`."""
    texts: dict[str, list[str]] = {}
    for decision in issues:
        row = decision.row
        decided = "；".join(decision_texts[row.id]) or undecided_text(notes.get(row.id, "").replace("\n", " "))
        texts.setdefault(str(row.project_id), []).append(f"{row.number} {row.title}：{decided}")
    return {project: "\n".join(lines) for project, lines in texts.items()}


def start_meeting(
    departments: Sequence[tuple[str, str]], level: int, chair: str, chair_id: str, now_ms: int
) -> MeetingDraft:
    """A meeting that begins now."""
    return MeetingDraft(
        new_id(now_ms), format_moment(district_time(now_ms).replace(second=0)), departments, level, chair, chair_id
    )
