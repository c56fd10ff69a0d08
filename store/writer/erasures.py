"""Keeps erasures true on a device: what is held on an erased person says nothing, whatever arrives and in which order.

`enforce_erasures` runs at the end of every transaction that changes lines, and is one look into an empty table where
nobody was erased. Older versions lose their text and stay in history with their stamp (reason ``erased``); what waits
to be sent is emptied in place, since nobody else has it; drafts, searches and, on the person's own device, its facts
follow. A version that the central has is left until its own erased form arrives: both must agree on every byte. The
bytes of an erased file go with the last line that names them (``store/writer/stray_blobs.py``).

What SQLite keeps in free pages and in its log is removed afterwards (``store/writer/scrubbing.py``).
Next: ``store/domain/erasures.py`` (the rule).
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import orjson

from store.db.connection import Connection
from store.domain.erased_drafts import ErasedPeople, draft_without
from store.domain.erasures import (
    ATTACHMENT,
    ERASED,
    ERASED_JSON,
    erased_line,
    is_telling,
    mentions,
    telling_names,
    telling_phones,
    telling_words,
)
from store.home.device_state import DeviceState
from store.home.drafts import rewrite_drafts
from store.home.last_place import forget_place_of
from store.ledger.line import Body, Line
from store.search.history import forget_searches
from store.values.text import normalize_name, phone_key
from store.writer.carried_state import DEVICE_FILE_ERRORS, rewrite_carried_drafts
from store.writer.given_up import forget_butlers
from store.writer.scrubbing import note_erased
from store.writer.stray_blobs import note_strays
from store.writer.transaction import HELD, Transaction

ERASED_REASON = "erased"
"""Why such a version is in history; no list of lost or deleted versions has it."""
MAX_TOLD_DRAFTS = 20
"""So many drafts are named in a notice."""
_ANYBODY = "SELECT 1 FROM erasure LIMIT 1"
_PEOPLE = "SELECT person_id FROM erasure"
_OWNED = "SELECT c.id FROM erasure e CROSS JOIN contact c ON c.{} = e.person_id"
_LINES = " UNION ALL ".join([_PEOPLE, *(_OWNED.format(field) for field in ("person_id", "further_of"))])
"""The ids of the lines about erased people, as far as they are here. The order of the joins is given: a look for each
erased person, not one for each phone of the district."""
_TELLING = (
    "SELECT 'person', p.id FROM erasure e CROSS JOIN person p ON p.id = e.person_id WHERE p.name <> :erased "
    "OR p.phone IS NOT NULL OR p.unit_id IS NOT NULL OR p.title IS NOT NULL OR p.note IS NOT NULL "
    "OR p.extra IS NOT NULL "
    f"UNION ALL SELECT 'contact', k.id FROM contact k WHERE k.id IN ({_LINES}) AND (k.phone <> :erased "
    "OR k.label IS NOT NULL OR k.note IS NOT NULL OR k.extra IS NOT NULL) "
    "UNION ALL SELECT 'attachment', a.id FROM erasure e CROSS JOIN attachment a ON a.id = e.person_id "
    "WHERE a.size <> 0 OR a.name <> :erased OR a.words IS NOT NULL OR a.place IS NOT NULL OR a.extra IS NOT NULL "
    "UNION ALL SELECT u.kind, u.id FROM unknown_line u "
    f"WHERE u.kind IN ('person', 'attachment') AND u.id IN ({_PEOPLE}) OR u.kind = 'contact' "
    f"AND (json_extract(u.body, '$.person_id') IN ({_PEOPLE}) OR json_extract(u.body, '$.further_of') IN ({_PEOPLE}))"
)
"""The current lines that still say something of an erased person."""
_FORMERLY_OWNED = (
    f"h.kind = 'contact' AND (json_extract(h.body, '$.person_id') IN ({_PEOPLE}) "
    f"OR json_extract(h.body, '$.further_of') IN ({_PEOPLE}))"
)
_LIVING_NAMES = f"SELECT name FROM person WHERE name <> ? AND id NOT IN ({_PEOPLE})"
_LIVING_PHONES = f"SELECT phone FROM contact WHERE phone <> ? AND id NOT IN ({_LINES})"
_PAST_FILES = f"FROM history WHERE kind = '{ATTACHMENT}' AND id IN ({_PEOPLE}) AND reason <> '{ERASED_REASON}'"
_PAST = f"FROM history h WHERE ({{}}) AND h.kind IN ('person', 'contact') AND h.reason <> '{ERASED_REASON}'"


def enforce_erasures(change: Transaction, state: DeviceState) -> None:
    """Empty what is left here on erased people, after the transaction's changes are written."""
    connection = change.connection
    if connection.execute(_ANYBODY).fetchone() is None:
        return
    bodies = _empty_history(connection, f"h.id IN ({_LINES})")
    unsent = _empty_unsent(change)
    files = _empty_files(connection)
    told = [line.body for line in unsent if line.kind != ATTACHMENT]
    if files or len(told) < len(unsent):
        note_erased(connection)
    if not any(map(is_telling, bodies)) and not told:  # none, or versions of the erased form alone
        return
    bodies += _empty_history(connection, f"h.id IN ({_LINES}) OR {_FORMERLY_OWNED}") + told
    _forget(change, state, bodies)
    note_erased(connection)
    if told:
        change.add_notice("person_erased", {"lines": len(told)})


def _empty_files(connection: Connection) -> int:
    """Take the text of past versions of erased files, and note that their bytes are to go; gives how many versions."""
    rows = connection.execute(f"SELECT id, kind, project_id, body {_PAST_FILES}").fetchall()
    if rows:
        note_strays(
            connection,
            [
                Line(line_id, kind, project, 0, "", "", False, orjson.loads(body))
                for line_id, kind, project, body in rows
            ],
        )
        chosen = f"(id, stamp, device_id) IN (SELECT id, stamp, device_id {_PAST_FILES})"
        connection.execute(f"UPDATE history SET body = ?, reason = ? WHERE {chosen}", (ERASED_JSON, ERASED_REASON))
    return len(rows)


def _empty_history(connection: Connection, where: str) -> list[Body]:
    """Take the text of these past versions; gives what they said."""
    past = _PAST.format(where)
    bodies = [orjson.loads(row[0]) for row in connection.execute(f"SELECT h.body {past}")]
    if bodies:
        chosen = f"(id, stamp, device_id) IN (SELECT h.id, h.stamp, h.device_id {past})"
        connection.execute(f"UPDATE history SET body = ?, reason = ? WHERE {chosen}", (ERASED_JSON, ERASED_REASON))
    return bodies


def _empty_unsent(change: Transaction) -> list[Line]:
    """Empty the lines of erased people and files that only this device has; gives them as they were."""
    telling = change.connection.execute(_TELLING, {"erased": ERASED}).fetchall()
    held = change.stored_lines(telling) if telling else {}
    rows = change.outbox_rows(list(held)) if held else {}
    emptied: list[Line] = []
    for line_id, stored in held.items():
        row = rows.get(line_id)
        if row is None or row.state == HELD or row.kind != stored.line.kind:
            continue
        line = erased_line(stored.line)
        emptied.append(stored.line)
        change.set_current(line, change.enqueue(line, (row.base_digest, row.base_stamp)))
    if emptied:
        note_strays(change.connection, emptied)
        change.write_out()
    return emptied


def _forget(change: Transaction, state: DeviceState, bodies: Sequence[Body]) -> None:
    """Take these people out of what is typed and searched for on this device, and tell which drafts that has changed.
    What a living record has too stays in drafts: there it may mean somebody else."""
    connection = change.connection
    people = ErasedPeople(
        frozenset(row[0] for row in connection.execute(_PEOPLE)),
        _names_of_nobody_else(connection, telling_names(bodies)),
        telling_phones(bodies) - _living_phones(connection),
    )
    drafts = _ErasedDrafts(people)
    rewrite_carried_drafts(connection, drafts.rewrite)
    if connection.execute(f"SELECT 1 WHERE ? IN ({_PEOPLE})", (change.facts.person,)).fetchone():
        connection.execute("UPDATE meta SET value = ? WHERE key IN ('person_name', 'device_name')", (ERASED,))
        connection.execute("DELETE FROM meta WHERE key IN ('card', 'card_at')")  # it names them, the next one does not
    with contextlib.suppress(*DEVICE_FILE_ERRORS):  # nothing that is wrong with that file fails the ledger
        rewrite_drafts(state, drafts.rewrite)
        words = sorted(telling_words(bodies))
        forget_searches(state, words)
        forget_place_of(state, lambda text: mentions(text, words))
    forget_butlers(connection, people.ids)
    if detail := drafts.notice_detail():
        change.add_notice("drafts_emptied", detail)


def _names_of_nobody_else(connection: Connection, names: frozenset[str]) -> frozenset[str]:
    living = {normalize_name(row[0]) for row in connection.execute(_LIVING_NAMES, (ERASED,))}
    return frozenset(name for name in names if normalize_name(name) not in living)


def _living_phones(connection: Connection) -> frozenset[str]:
    written = [row[0] for row in connection.execute(_LIVING_PHONES, (ERASED,))]
    return frozenset((*written, *map(phone_key, written)))


class _ErasedDrafts:
    """Takes erased people out of drafts, and remembers the keys of the forms whose drafts it changed, removed or left
    with a name in their text."""

    def __init__(self, people: ErasedPeople) -> None:
        self._people = people
        self._changed, self._gone, self._naming = list[str](), list[str](), list[str]()

    def rewrite(self, key: str, text: str) -> str | None:
        """The text of the draft as it may be kept, None where it goes."""
        left = draft_without(key, text, self._people)
        if left.text is None:
            self._gone.append(key)
        elif left.text != text:
            self._changed.append(key)
        if left.names_them:
            self._naming.append(key)
        return left.text

    def notice_detail(self) -> dict[str, object]:
        """The detail of the notice; empty where no draft was concerned."""
        keys = {"changed": self._changed, "gone": self._gone, "naming": self._naming}
        return {name: sorted(set(found))[:MAX_TOLD_DRAFTS] for name, found in keys.items() if found}


def is_erased(connection: Connection, person: str) -> bool:
    """Whether this person was erased."""
    return connection.execute("SELECT 1 FROM erasure WHERE person_id = ?", (person,)).fetchone() is not None
