"""Drafts of forms: what somebody has typed and not saved yet, by the form's key.

A draft and the line that it becomes are in two files, which cannot commit together. So each draft has an id, and the
transaction that writes the line notes in the ledger (table ``saved_draft``) that this draft is saved
(`Ledger.saving_draft`). A draft whose id is noted counts as gone, even where a crash has left its row behind.
Readers take the ledger's snapshot before they read the drafts, so that they never see a draft together with its line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from store.db.connection import Connection
from store.home.device_state import DeviceState

_UPSERT = (
    "INSERT INTO draft (key, id, body, at) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (key) DO UPDATE SET body = json_patch(body, excluded.body), at = excluded.at"
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


def load_draft(ledger: Connection, state: DeviceState, key: str) -> dict[str, object] | None:
    """What the form ``key`` held, or None."""
    return next((draft.body for draft in unsaved_drafts(ledger, state) if draft.key == key), None)


def saved_draft_ids(ledger: Connection) -> set[str]:
    """Which drafts have become lines, of those that may still be there."""
    return {row[0] for row in ledger.execute("SELECT id FROM saved_draft")}


def draft_ids(state: DeviceState) -> dict[str, str]:
    """The id of every draft that is there, saved or not, by the form's key."""
    return {draft.key: draft.id for draft in _all_drafts(state)}


def save_draft(ledger: Connection, state: DeviceState, key: str, body: Mapping[str, object], now_ms: int) -> None:
    """Keep what a form holds. Fields that ``body`` does not name stay as they were kept before; a field that is None is
    removed. A draft that has become a line is replaced whole."""
    with state.write() as connection:
        _delete(connection, saved_draft_ids(ledger))
        text = json.dumps(dict(body), ensure_ascii=False)
        connection.execute(_UPSERT, (key, os.urandom(8).hex(), text, now_ms))


def drop_draft(state: DeviceState, key: str) -> None:
    """Forget a draft that was thrown away on purpose."""
    with state.write() as connection:
        connection.execute("DELETE FROM draft WHERE key = ?", (key,))


def delete_drafts(state: DeviceState, ids: Iterable[str]) -> None:
    """Delete drafts by their ids: they have become lines."""
    with state.write() as connection:
        _delete(connection, ids)


def _delete(connection: Connection, ids: Iterable[str]) -> None:
    connection.executemany("DELETE FROM draft WHERE id = ?", ((draft_id,) for draft_id in ids))


def _all_drafts(state: DeviceState) -> list[FormDraft]:
    with state.read() as connection:
        if connection is None:
            return []
        rows = connection.execute("SELECT key, id, body, at FROM draft ORDER BY at DESC, key").fetchall()
    return [FormDraft(key, draft_id, json.loads(body), at) for key, draft_id, body, at in rows]
