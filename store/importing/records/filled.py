"""What the ledger says, in the columns of a register's template, so that it comes back in unchanged, or corrected.

> Taken in again, every row of it is the same: what a cell says here, the planner of its register reads as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from store.db.connection import Connection
from store.domain.registers import Register, RegisterField
from store.importing.cell_parsing import NO_DITTO, is_ditto
from store.importing.existing_lines import load_existing_lines, load_kind, load_shown_issues
from store.importing.matching import ContactDrafts
from store.importing.records.fields import CATEGORY_WORDS, KIND_WORDS, REGISTERS, STATE_WORDS, TABLE_STATES, UNIT_WORDS
from store.importing.records.line_fields import HOW_WORDS
from store.importing.records.lines import kinds_of, register_of
from store.importing.records.planner import moment_text
from store.importing.records.shape import RegisterName
from store.importing.row_verdicts import ExistingLines
from store.ledger.line import Line
from store.ledger.merge import version_key
from store.search.contact_phones import contact_id
from store.values.amounts import unscale

Texts = dict[str, str]
"""The texts of a row by the field."""


def filled_rows(connection: Connection, register: RegisterName) -> Iterator[tuple[str, ...]]:
    """The lines of a register, each in the columns of its template."""
    names = [shape.name for shape in REGISTERS[register].template_fields]
    existing = load_existing_lines(connection)._replace(issues=load_shown_issues(connection))
    lines = {kind: load_kind(connection, kind) for kind in kinds_of(register)}
    for texts in _rows(_Names(existing, lines), register, lines):
        yield tuple(_literal(texts.get(name, "")) for name in names)


def _literal(text: str) -> str:
    """A text that is taken as it is, also where it says “as above”."""
    return text + NO_DITTO if is_ditto(text) else text


@dataclass(slots=True)
class _Names:
    """The names behind ids: as a table says them."""

    existing: ExistingLines
    lines: Mapping[str, Sequence[Line]]
    contacts: ContactDrafts = field(init=False)
    _by_id: dict[str, Line] = field(init=False)
    _projects: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        everything = [*self.existing.lines.values(), *self.lines.values()]
        self._by_id = {line.id: line for lines in everything for line in lines}
        self.contacts = ContactDrafts(self.existing.district, self.existing.lines["contact"], self.existing.kept)
        self._projects = defaultdict(int)
        for project in self.existing.not_deleted("project"):
            self._projects[str(project.body["name"])] += 1

    def line(self, id: object) -> Line | None:
        """The line behind an id; of a merged one the one that stands for it."""
        return self._by_id.get(self.existing.kept.get(str(id), str(id))) if id else None

    def of(self, id: object) -> str:
        """The name or title behind an id."""
        line = self.line(id)
        return str(line.body.get("name") or line.body.get("title") or "") if line else ""

    def project(self, id: str | None) -> str:
        """The project's name; its number where others have the name, too."""
        line = self.line(id)
        name = str(line.body["name"]) if line else ""
        return str(line.body["number"]) if line and self._projects[name] > 1 else name


def _rows(names: _Names, register: RegisterName, lines: Mapping[str, Sequence[Line]]) -> Iterator[Texts]:
    if register == "people":
        return (_person(names, line) for line in _own(names, "person"))
    if register == "units":
        return (_unit(names, line) for line in _own(names, "unit"))
    live = {kind: [line for line in of_kind if not line.deleted] for kind, of_kind in lines.items()}
    if register == "issues":
        steps = defaultdict(list)
        for step in live["issue_step"]:
            steps[str(step.body["issue_id"])].append(step)
        return (_issue(names, line, steps[line.id]) for line in live["issue"])
    if register == "visits":
        return (_visit(names, line) for line in sorted(live["visit"], key=lambda line: line.id))
    shape = register_of(register)
    return (_line(names, register, shape, line, live) for line in live[shape.kind])


def _own(names: _Names, kind: str) -> list[Line]:
    """The people or units that stand for themselves."""
    return [line for line in names.existing.not_deleted(kind) if line.id not in names.existing.kept]


def _word(words: Mapping[str, str], value: object) -> str:
    return next((word for word, code in words.items() if code == value), "")


def _person(names: _Names, line: Line) -> Texts:
    phone = names.contacts.phone_of(line)
    return {
        "name": str(line.body["name"]),
        "unit": names.of(line.body.get("unit_id")),
        "title": str(line.body.get("title") or ""),
        "phone": phone,
        "note": str(line.body.get("note") or ""),
    }


def _unit(names: _Names, line: Line) -> Texts:
    contact = names.line(contact_id(names.existing.district, line.id))
    return {
        "name": str(line.body["name"]),
        "kind": _word(UNIT_WORDS, line.body.get("kind")),
        "phone": "" if contact is None or contact.deleted else str(contact.body.get("phone", "")),
        "note": str(line.body.get("note") or ""),
    }


def _visit(names: _Names, line: Line) -> Texts:
    body = line.body
    people = "、".join(map(str, body.get("participants") or []))
    return {
        "project": names.project(line.project),
        "at": moment_text(str(body["at"])),
        "how": _word(HOW_WORDS, body["how"]),
        "place": str(body.get("place") or ""),
        "who": people + str(body.get("participants_note") or ""),
        "text": str(body.get("text") or ""),
    }


def _issue(names: _Names, line: Line, steps: Sequence[Line]) -> Texts:
    """An issue as lists show it, with what its last steps say."""
    body, shown = line.body, names.existing.issues[line.id]
    state = shown.state
    last = {str(step.body["act"]): step for step in sorted(steps, key=version_key)}
    settled = last.get("settled") if state in ("settled", "pending_approval", "closed") else None
    progress, approved, assigned = last.get("progress"), last.get("approved"), last.get("assigned")
    with_ids = list(assigned.body.get("with_ids") or []) if assigned else []
    return {
        "number": str(body["number"]),
        "project": names.project(line.project),
        "title": str(body["title"]),
        "text": str(body.get("text") or ""),
        "kind": _word(KIND_WORDS, body["kind"]),
        "category": _word(CATEGORY_WORDS, body.get("category")),
        "department": names.of(shown.department_id),
        "with": "、".join(filter(None, map(names.of, with_ids))),
        "owner": names.of(shown.owner_id),
        "raised_at": str(body.get("raised_at") or "")[:10],
        "due": shown.due or "",
        "state": _word(STATE_WORDS, TABLE_STATES.get(state, state)),
        "progress": str(progress.body.get("text") or "") if progress else "",
        "measure": str(settled.body.get("measure") or "") if settled else "",
        "settled_at": str(settled.body.get("at") or "")[:10] if settled else "",
        "close_number": str(approved.body.get("close_number") or "") if settled and approved else "",
    }


def _line(
    names: _Names, register: RegisterName, shape: Register, line: Line, live: Mapping[str, Sequence[Line]]
) -> Texts:
    texts = {"project": names.project(line.project)}
    for each in shape.fields:
        column = REGISTERS[register].field(each.name)
        value = line.body.get(each.body_name)
        if column is not None and value not in (None, "", []):
            words = {code: word for word, code in column.words}
            texts[each.name] = words.get(str(value)) or _text(names, each, value)
    if register == "trainings":
        people = (one.body["person_id"] for one in live["attendance"] if one.body["training_id"] == line.id)
        texts["who"] = "、".join(filter(None, map(names.of, people)))
    return texts


def _text(names: _Names, each: RegisterField, value: object) -> str:
    """A value as a cell of the template says it: money in ten thousand yuan, hours, names for ids."""
    if each.type in ("person", "unit"):
        return names.of(value)
    if each.type in ("policy", "issue"):
        line = names.line(value)
        return str(line.body.get("number") or line.body["title"]) if line else ""
    if each.type == "moment":
        return moment_text(str(value))
    if isinstance(value, int):
        return f"{unscale(value, 60)}" if each.type == "hours" else f"{value / 10_000:.4f}".rstrip("0").rstrip(".")
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
