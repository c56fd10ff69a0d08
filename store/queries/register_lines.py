"""Reading any book of ``store/domain/registers.py``: its list, one line, and what a list of it can be narrowed by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from store.db.connection import Connection
from store.domain.registers import LISTS, NAMING, Book, Field
from store.queries.authors import name_of
from store.queries.paging import Key, Listing, Survey, page_sql
from store.values.amounts import scaled

Row = dict[str, Any]
_PERIOD = {"since": '>= substr(:since, 1, length(k."{order}"))', "until": "<= :until"}
_TITLES = {"person": "name", "unit": "name", "policy": "title", "training": "title", "issue": "title"}
_LISTED = {"units": "unit", "issues": "issue"}
_SCALES = {"tenths": 10, "hours": 60}


def listing(book: Book, **chosen: str | None) -> Listing:
    """The book's lines, newest first. ``chosen`` narrows them: ``project`` (its id), fields by their stored value, and
    ``since`` and ``until``, the first and the last day of what orders the book; what is None does not matter."""
    conditions, values = ["k.deleted = 0"], {}
    for name, value in chosen.items():
        if value is None:
            continue
        if name in _PERIOD:
            conditions.append(f'substr(k."{book.order}", 1, 10) {_PERIOD[name].format(order=book.order)}')
            values[name] = value
        else:
            column = "project_id" if name == "project" else book.field(name).stored
            conditions.append(f'k."{column}" = :{name}')
            values[name] = value
    source = f"{book.kind} k WHERE " + " AND ".join(conditions)
    return Listing(source, (f"coalesce(k.\"{book.order}\", '')", "k.id"), descending=True, values=values)


def counts(connection: Connection, books: Iterable[Book], project: str | None = None) -> dict[str, int]:
    """How many lines has each of these books, in this project or in all? By the book's name."""
    chosen = {book.name: listing(book, project=project) for book in books}
    query = "SELECT count(*) FROM {source}"
    return {
        name: int(connection.execute(query.format(source=one.source), dict(one.values)).fetchone()[0])
        for name, one in chosen.items()
    }


def row_key(book: Book, row: Mapping[str, Any]) -> Key:
    """A row's place in the list's order."""
    return (row["_order"], row["id"])


def rows(
    connection: Connection,
    book: Book,
    chosen: Listing | None = None,
    *,
    limit: int = -1,
    entered: Survey | None = None,
    position: int = 0,
) -> list[Row]:
    """What is written in this book? ``limit`` -1 gives all. Each line as ``--json`` prints it: its id, project and
    author, then the book's fields, with the names of whom and what they name."""
    page, values = page_sql(chosen or listing(book), "k.*", limit, entered, position)
    order = f"coalesce(k.\"{book.order}\", '') DESC, k.id DESC"
    found = connection.execute(f"{_select(book, page)} ORDER BY {order}", values)
    return _named(connection, book, [_row(book, row) for row in found])


def row(connection: Connection, book: Book, line_id: str) -> Row | None:
    """What does this line say? None when it is not here."""
    page = f"SELECT k.* FROM {book.kind} k WHERE k.id = :id AND k.deleted = 0"
    found = connection.execute(_select(book, page), {"id": line_id}).fetchone()
    return _named(connection, book, [_row(book, found)])[0] if found else None


def line_body(connection: Connection, book: Book, line_id: str) -> dict[str, Any] | None:
    """The body of this line as it is stored; None when it is not here, or deleted."""
    columns = ", ".join(f'"{field.stored}"' for field in book.fields)
    query = f"SELECT extra, {columns} FROM {book.kind} WHERE id = ? AND deleted = 0"
    found = connection.execute(query, (line_id,)).fetchone()
    if found is None:
        return None
    body = {field.stored: _stored(field, value) for field, value in zip(book.fields, found[1:], strict=True)}
    known = {name: value for name, value in body.items() if value is not None}
    return {**known, **(orjson.loads(found[0]) if found[0] else {})}


def _select(book: Book, page: str) -> str:
    own = [f'k."{field.stored}"' for field in book.fields]
    named = [_name_in(field) for field in book.fields if field.shape in NAMING]
    head = ["k.id", "k.project_id", "p.name", name_of("k.author_id"), f"coalesce(k.\"{book.order}\", '')"]
    return (
        f"WITH page AS ({page}) SELECT {', '.join((*head, *own, *named))} "
        "FROM page k LEFT JOIN project p ON p.id = k.project_id"
    )


def _name_in(field: Field) -> str:
    kind = NAMING[field.shape]
    return f'(SELECT {_TITLES[kind]} FROM {kind} WHERE id = k."{field.stored}")'


def _row(book: Book, found: tuple[Any, ...]) -> Row:
    line_id, project_id, project, author, order, *values = found
    own, names = values[: len(book.fields)], iter(values[len(book.fields) :])
    shown: Row = {"id": line_id, "project_id": project_id, "project": project}
    for field, value in zip(book.fields, own, strict=True):
        if field.shape in NAMING:
            shown[f"{field.name}_id"], shown[field.name] = value, next(names)
        else:
            shown[field.name] = _shown(field, value)
    return {**shown, "author": author, "_order": order}


def _stored(field: Field, value: Any) -> Any:
    return orjson.loads(value) if field.shape in LISTS and value is not None else value


def _shown(field: Field, value: Any) -> Any:
    if field.shape in LISTS:
        return orjson.loads(value) if value else []
    if field.shape in _SCALES and value is not None:
        return scaled(value, _SCALES[field.shape])
    return value


def _named(connection: Connection, book: Book, found: list[Row]) -> list[Row]:
    """The rows with the names in the place of the ids that their lists hold; the ids stay beside them."""
    for field in book.fields:
        kind = _LISTED.get(field.shape)
        if kind is None:
            continue
        ids = sorted({line_id for one in found for line_id in one[field.name]})
        chosen = orjson.dumps(ids).decode()
        query = f"SELECT id, {_TITLES[kind]} FROM {kind} WHERE id IN (SELECT value FROM json_each(?))"
        names = dict(connection.execute(query, (chosen,)).fetchall())
        for one in found:
            one[f"{field.name}_ids"] = one[field.name]
            one[field.name] = [names.get(line_id, line_id) for line_id in one[field.name]]
    return found
