"""File rules: how many attached files an act on an issue needs (domain.md, Life of an issue).

Of the rules that fit the act, the issue's category and the day of the act, one for the category counts before one for
all, then the one that is valid since the latest day, then the latest. None that fits: no file is needed.
"""

from __future__ import annotations

from store.db.connection import Connection


def required_files(connection: Connection, act: str, category: str | None, day: str) -> int:
    """How many files does this act of a step need on an issue of this category on this day?"""
    values = {"act": act, "category": category, "day": day}
    return int(connection.execute(f"SELECT {required_files_sql(':act', ':category', ':day')}", values).fetchone()[0])


def required_files_sql(act: str, category: str, day: str) -> str:
    """An SQL expression for the number of files that an act needs; the arguments are expressions."""
    return (
        f"coalesce((SELECT r.files FROM file_rule r WHERE r.deleted = 0 AND r.act = {act} "
        f"AND coalesce(r.category = {category}, r.category IS NULL) AND r.valid_from <= {day} "
        f"AND coalesce(r.valid_until, {day}) >= {day} "
        "ORDER BY r.category IS NULL, r.valid_from DESC, r.stamp DESC, r.device_id DESC LIMIT 1), 0)"
    )


HAS_RULES_SQL = "EXISTS (SELECT 1 FROM file_rule WHERE deleted = 0 AND act = 'settled')"
"""Whether any settlement may need files; where none does, none is looked at."""


def lacks_files_sql(day: str, step: str = "t") -> str:
    """The condition that the settlement ``step`` of the issue ``i`` has fewer files than it needed on that ``day``."""
    has = f"(SELECT count(*) FROM attachment f WHERE f.of_id = {step}.id AND f.deleted = 0)"
    needed = required_files_sql("'settled'", "i.category", day)
    return f"{has} < {needed}"
