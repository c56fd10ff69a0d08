"""SQL expressions for who a line means, what people are called and how they are reached."""

from __future__ import annotations

from typing import Literal


def kept_id_sql(column: str) -> str:
    """The id of the person or unit that is shown for the one in ``column``: itself, unless it was merged into another
    (``store/domain/merges.py``)."""
    return f"coalesce((SELECT kept_id FROM merged_id WHERE id = {column}), {column})"


def same_ids_sql(parameter: str) -> str:
    """A SELECT of all ids under which lines may name the person or unit whose id the ``parameter`` has, merged or
    not; of nobody (NULL) there are none, so that ``NOT IN`` holds."""
    kept = kept_id_sql(parameter)
    return f"SELECT {kept} WHERE {parameter} IS NOT NULL UNION ALL SELECT id FROM merged_id WHERE kept_id = {kept}"


OWNER_IDS_SQL = same_ids_sql("(SELECT value FROM meta WHERE key = 'person')")
"""A SELECT of all ids of the person whose device this is."""


def person_name_sql(column: str) -> str:
    """The name of the person whose id is in ``column``: from the line of the person shown for it, or for the owner of
    this device from its own facts; NULL where neither is here."""
    own = f"(SELECT value FROM meta WHERE key = 'person') = {column}"
    return (
        f"coalesce((SELECT {shown_name_sql('who')} FROM person who WHERE who.id = {kept_id_sql(column)}), "
        f"(SELECT value FROM meta WHERE key = 'person_name' AND {own}))"
    )


def written_by_sql(alias: str) -> str:
    """The name of the author of a line in the table ``alias``; where it was written in another's place both names, as
    offices write them: 乙（代甲）."""
    author, principal = person_name_sql(f"{alias}.author_id"), person_name_sql(f"{alias}.acting_for_id")
    return (
        f"CASE WHEN {alias}.acting_for_id IS NULL THEN {author} "
        f"ELSE coalesce({author}, '?') || '（代' || coalesce({principal}, '?') || '）' END"
    )


def apart_sql(alias: str) -> str:
    """What tells the person in the table ``alias`` from namesakes, as `store.queries.people.ContactEntry.apart` says
    it: unit and last digits of the phone; NULL where neither is known."""
    unit = f"(SELECT name FROM unit WHERE id = {kept_id_sql(f'{alias}.unit_id')})"
    digits = f"'…' || substr({phone_sql(alias)}, -4)"
    return f"nullif(trim(coalesce({unit}, '') || ' ' || coalesce({digits}, '')), '')"


def shown_name_sql(alias: str) -> str:
    """The name of the person in the table ``alias``; where somebody else has the same name, with what tells the two
    apart, as far as that is known of both. By the index of names, so that a list pays a look for each row."""
    others = (
        f"SELECT 1 FROM person twin WHERE twin.name = {alias}.name AND twin.id <> {alias}.id AND twin.deleted = 0 "
        f"AND twin.id NOT IN (SELECT id FROM merged_id) AND {apart_sql('twin')} <> {apart_sql(alias)}"
    )
    return f"{alias}.name || iif(EXISTS ({others}), '（' || {apart_sql(alias)} || '）', '')"


def phone_sql(alias: str, kind: Literal["person", "unit"] = "person") -> str:
    """The main phone of the person or unit in the table ``alias``: from the latest of its contact lines, else of those
    of a record that was merged into it, else what an older version wrote into the line itself; NULL where none is
    here."""
    latest = "c.deleted = 0 ORDER BY c.stamp DESC, c.device_id DESC LIMIT 1"
    return (
        f"coalesce((SELECT c.phone FROM contact c WHERE c.{kind}_id = {alias}.id AND {latest}), "
        f"(SELECT c.phone FROM merged_id x JOIN contact c ON c.{kind}_id = x.id WHERE x.kept_id = {alias}.id "
        f"AND {latest}), {alias}.phone)"
    )
