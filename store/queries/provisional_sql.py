"""SQL that counts provisional versions (``store/writer/provisional.py``) beside the records that they are about."""

from __future__ import annotations

from store.db.connection import Connection

PROVISIONAL_OF_PROJECT_SQL = "(SELECT count(*) FROM provisional q WHERE q.project_id = p.id)"
"""How many provisional versions are there of what belongs to the project p?"""
PROVISIONAL_OF_ISSUE_SQL = "(SELECT count(*) FROM provisional q WHERE q.bucket = 'i:' || s.id)"
"""How many are there of the issue s and its steps?"""
PROVISIONAL_OF_LINE_SQL = "(SELECT count(*) FROM provisional q WHERE q.id = v.id)"
"""How many are there of the line v?"""


def count_provisional(connection: Connection) -> int:
    """How many versions were given in meetings and are not judged yet?"""
    return int(connection.execute("SELECT count(*) FROM provisional").fetchone()[0])
