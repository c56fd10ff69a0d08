"""Drafts of forms: what somebody has typed and not saved yet, by the form's key.

A draft and the line that it becomes are in two files, which cannot commit together. So each draft has an id, and the
transaction that writes the line notes in the ledger (table ``saved_draft``) that this draft is saved
(`Ledger.saving_draft`). A draft whose id is noted counts as gone, even where a crash has left its row behind.
Readers take the ledger's snapshot before they read the drafts, so that they never see a draft together with its line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from store.db.connection import Connection
from store.home.device_state import DeviceState

_UPSERT = (
    "INSERT INTO draft (key, id, body, at) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (key) DO UPDATE SET at = excluded.at, "
    "body = CASE WHEN json_valid(body) THEN json_patch(body, excluded.body) ELSE excluded.body END "
    "RETURNING id"
)


class FormDraft(NamedTuple):
    """What a form held when it was last kept. ``at`` is in milliseconds; ``id`` is new whenever the form is begun
    anew."""

    key: str
    id: str
    body: dict[str, object]
    at: int


def unsaved_drafts(ledger: Connection, state: DeviceState) -> list[FormDraft]:
    """Every draft that has not become a line, the latest first."""
    saved = saved_draft_ids(ledger)
    return [draft for draft in _all_drafts(state) if draft.id not in saved]


def load_draft(ledger: Connection, state: DeviceState, key: str) -> FormDraft | None:
    """The draft of the form ``key``, or None."""
    return next((draft for draft in unsaved_drafts(ledger, state) if draft.key == key), None)


def saved_draft_ids(ledger: Connection) -> set[str]:
    """Which drafts have become lines, of those that may still be there."""
    return {row[0] for row in ledger.execute("SELECT id FROM saved_draft")}


def draft_ids(state: DeviceState) -> dict[str, str]:
    """The id of every draft that is there, saved or not, by the form's key."""
    with state.read() as connection:
        return {} if connection is None else dict(connection.execute("SELECT key, id FROM draft").fetchall())


def save_draft(ledger: Connection, state: DeviceState, key: str, body: Mapping[str, object], now_ms: int) -> str:
    """Keep what a form holds; returns the draft's id. Fields that ``body`` does not name stay as they were kept before;
    a field that is None is removed. A draft that has become a line is replaced whole."""
    saved = saved_draft_ids(ledger)
    with state.write() as connection:
        _delete(connection, saved)
        text = json.dumps(dict(body), ensure_ascii=False)
        draft_id: str = connection.execute(_UPSERT, (key, os.urandom(8).hex(), text, now_ms)).fetchone()[0]
    return draft_id


def drop_draft(state: DeviceState, key: str) -> None:
    """Forget a draft that was thrown away on purpose."""
    with state.write() as connection:
        connection.execute("DELETE FROM draft WHERE key = ?", (key,))


def delete_drafts(state: DeviceState, ids: Iterable[str]) -> None:
    """Delete drafts by their ids: they have become lines."""
    with state.write() as connection:
        _delete(connection, ids)


def rewrite_drafts(state: DeviceState, rewrite: Callable[[str, str], str | None]) -> None:
    """Keep every draft as ``rewrite`` makes it of its form's key and its JSON text, and delete it for None: how what is
    held on an erased person goes."""
    with state.read() as connection:
        rows = [] if connection is None else connection.execute("SELECT key, body FROM draft").fetchall()
    changed = [(text, key, body) for key, body in rows if (text := rewrite(key, body)) != body]
    if changed:
        with state.write() as connection:
            kept = [each for each in changed if each[0] is not None]
            connection.executemany("UPDATE draft SET body = ? WHERE key = ? AND body = ?", kept)
            gone = [each[1:] for each in changed if each[0] is None]
            connection.executemany("DELETE FROM draft WHERE key = ? AND body = ?", gone)


def _delete(connection: Connection, ids: Iterable[str]) -> None:
    connection.executemany("DELETE FROM draft WHERE id = ?", ((draft_id,) for draft_id in ids))


def _all_drafts(state: DeviceState) -> list[FormDraft]:
    with state.read() as connection:
        if connection is None:
            return []
        rows = connection.execute("SELECT key, id, body, at FROM draft ORDER BY at DESC, key").fetchall()
    read = ((key, draft_id, _fields(body), at) for key, draft_id, body, at in rows)
    return [FormDraft(key, draft_id, body, at) for key, draft_id, body, at in read if body is not None]


def _fields(body: str) -> dict[str, object] | None:
    """A draft's fields; None where the text is no JSON object: one bad draft must not hide the others."""
    try:
        fields = json.loads(body)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None
