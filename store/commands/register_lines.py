"""Writing in any book of ``store/domain/registers.py``: what a person typed, field by field, as its line keeps it.

Books with more to them (meetings, trainings, procedures) have their own file beside this one and end here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from store.commands.exceptions import FieldMissing, WrittenAlready
from store.commands.naming import resolve
from store.commands.people import Newcomers, Written, time_now, write
from store.commands.visits import participants
from store.db.meta import read_meta
from store.domain.registers import Book, Field, Shape
from store.exceptions import LineNotFound
from store.ledger.line import derived_id, is_id, new_id
from store.queries.names import Nameable
from store.queries.register_lines import line_body
from store.values.amounts import parse_scaled, parse_yuan
from store.values.times import parse_day, parse_month, parse_time
from store.writer.local_writes import Draft, Ledger

Given = Mapping[str, Any]


def add(ledger: Ledger, book: Book, *, project: str | None = None, **given: Any) -> Written:
    """Write a new line; ``given`` by the book's field names, as typed. Raises `FieldMissing`, `WrittenAlready` where
    the line is there by its key, `BadTime`, `BadAmount`, `BadLine` and what `resolve` raises."""
    newcomers = Newcomers(ledger.database.connection())
    place = project_for(newcomers, book, project, given)
    body = body_of(ledger, newcomers, book, given)
    require(book, "add", body)
    line_id = key_id(newcomers, book, place, body) or new_id(ledger.wall())
    if line_body(newcomers.connection, book, line_id) is not None:
        raise WrittenAlready(id=line_id)
    return write(ledger, newcomers, [Draft(book.kind, body, place, line_id)], line_id)


def put(ledger: Ledger, book: Book, *, project: str | None = None, **given: Any) -> Written:
    """As `add`, but where the line is there by its key, what is given changes it."""
    newcomers = Newcomers(ledger.database.connection())
    place = project_for(newcomers, book, project, given)
    body = body_of(ledger, newcomers, book, given)
    line_id = key_id(newcomers, book, place, body) or new_id(ledger.wall())
    before = line_body(newcomers.connection, book, line_id) or {}
    after = {**before, **body}
    require(book, "set", after)
    return write(ledger, newcomers, [Draft(book.kind, after, place, line_id)], line_id)


def edit(ledger: Ledger, book: Book, named: str, **changes: Any) -> Written:
    """Change a line; what is None stays, an empty text removes a field. The fields by which it is this very line stay
    as they are. Raises what `add` raises, and `LineNotFound`."""
    newcomers = Newcomers(ledger.database.connection())
    line_id = line_named(newcomers, book, named)
    before = line_body(newcomers.connection, book, line_id)
    if before is None:
        raise LineNotFound(id=named)
    changed = {name: value for name, value in changes.items() if value is not None and name not in book.key}
    gone = {book.field(name).stored for name, value in changed.items() if value == ""}
    after = {name: value for name, value in before.items() if name not in gone}
    after |= body_of(ledger, newcomers, book, changed)
    require(book, "edit", after)
    place = newcomers.connection.execute(f"SELECT project_id FROM {book.kind} WHERE id = ?", (line_id,)).fetchone()
    return write(ledger, newcomers, [Draft(book.kind, after, place[0], line_id)], line_id)


def line_named(newcomers: Newcomers, book: Book, named: str) -> str:
    """The line that ``named`` means: an id, or what the book's lines go by, where they have names."""
    if is_id(named.strip()):
        return named.strip()
    if book.kind in ("policy", "training", "meeting"):
        return resolve(newcomers.connection, cast(Nameable, book.kind), named).id
    raise LineNotFound(id=named)


def project_for(newcomers: Newcomers, book: Book, project: str | None, given: Given) -> str | None:
    """The id of the project whose line this is; None for the district's."""
    if book.of == "district":
        return None
    if book.of == "project":
        if not project:
            raise FieldMissing(verb="add", fields="project")
        return resolve(newcomers.connection, "project", project).id
    issue = resolve(newcomers.connection, "issue", str(given.get("issue") or "")).id
    row = newcomers.connection.execute("SELECT project_id FROM issue WHERE id = ?", (issue,)).fetchone()
    return str(row[0])


def require(book: Book, verb: str, body: Given) -> None:
    """Raises `FieldMissing` when the line lacks what the book, or one of its own values, calls for."""
    wanted = [field.name for field in book.fields if field.needed]
    for name, value, needs in book.calls_for:
        if body.get(book.field(name).stored) == value:
            wanted += needs
    missing = [name for name in wanted if body.get(book.field(name).stored) in (None, "", [])]
    if missing:
        raise FieldMissing(verb=f"{book.name} {verb}", fields=", ".join(missing))


def key_id(newcomers: Newcomers, book: Book, project: str | None, body: Given) -> str | None:
    """The id of a line that is one and the same wherever it is written; None where each is its own."""
    if not book.key:
        return None
    district = read_meta(newcomers.connection).get("district", "")
    values = [str(body.get(book.field(name).stored, "")) for name in book.key if name]
    return derived_id(district, book.kind, project or "", *values)


def body_of(ledger: Ledger, newcomers: Newcomers, book: Book, given: Given) -> dict[str, Any]:
    """What was given, as the line keeps it; what is empty is left out."""
    now = time_now(ledger)
    return {
        field.stored: _kept(newcomers, now, field, given[field.name])
        for field in book.fields
        if given.get(field.name) not in (None, "", (), [])
    }


def _kept(newcomers: Newcomers, now: datetime, field: Field, typed: Any) -> Any:
    if field.shape in _READERS:
        return _READERS[field.shape](typed, now)
    finder = _FINDERS.get(field.shape)
    return finder(newcomers, typed) if finder else typed


_READERS: Mapping[Shape, Callable[[Any, datetime], Any]] = {
    "day": lambda typed, now: parse_day(str(typed), now),
    "moment": lambda typed, now: parse_time(str(typed), now),
    "month": lambda typed, now: parse_month(str(typed), now),
    "yuan": lambda typed, _now: parse_yuan(str(typed)),
    "tenths": lambda typed, _now: parse_scaled(str(typed), 10),
    "hours": lambda typed, _now: parse_scaled(str(typed), 60),
    "number": lambda typed, _now: parse_scaled(str(typed), 1),
    "names": lambda typed, _now: participants(typed),
}
_FINDERS: Mapping[Shape, Callable[[Newcomers, Any], Any]] = {
    "person": lambda newcomers, typed: newcomers.person(typed),
    "unit": lambda newcomers, typed: newcomers.unit(typed),
    "units": lambda newcomers, typed: [newcomers.unit(name) for name in participants(typed)],
    "issue": lambda newcomers, typed: resolve(newcomers.connection, "issue", typed).id,
    "policy": lambda newcomers, typed: resolve(newcomers.connection, "policy", typed).id,
    "training": lambda newcomers, typed: resolve(newcomers.connection, "training", typed).id,
    "issues": lambda newcomers, typed: [resolve(newcomers.connection, "issue", n).id for n in participants(typed)],
}
