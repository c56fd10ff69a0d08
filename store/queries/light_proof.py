"""The proof of an issue's light on a day: the versions of lines that counted then, handed to
``store/domain/light_proof.py``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from store.db.connection import Connection
from store.domain.light_proof import Evidence, LightProof, prove_light
from store.ledger.hlc import MAX_HLC, hlc_from_ms
from store.ledger.line import Line
from store.ledger.merge import replaces
from store.queries.lines import lines_with_versions
from store.values.times import SHANGHAI

_OF_ISSUE = (
    "SELECT :issue UNION SELECT id FROM issue_step WHERE issue_id = :issue "
    "UNION SELECT id FROM close_out WHERE issue_id = :issue"
)
_LIMITS, _RULES, _HOLIDAYS = (f"SELECT id FROM {table}" for table in ("district_limit", "time_rule", "holiday_year"))
_NEVER_COUNTED = ("rejected", "taken_back", "restamped", "displaced", "erased")
"""The reasons in history for which a version did not count on any day."""


def light_proof(connection: Connection, issue_id: str, on: date, *, now: date | None = None) -> LightProof | None:
    """Which light had this issue at the end of a day, or at a moment (a `datetime`), and why? By the versions that were
    written by then, and the holidays as they are known now, since a day off is one whenever it was entered. With
    ``now`` what was written on that day counts, and the light is the one of this minute. None where the issue is not
    here, was deleted, or had not been recorded by then."""
    until = on + timedelta(minutes=1) if isinstance(on, datetime) else on + timedelta(1)
    if not isinstance(until, datetime):
        until = datetime.combine(until, time(), SHANGHAI)
    end = hlc_from_ms(int(until.replace(second=0, microsecond=0).timestamp() * 1000))
    versions = lines_with_versions(connection, _OF_ISSUE, {"issue": issue_id})
    lines = _counting(versions, end)
    issue = lines.pop(issue_id, None)
    if issue is None or issue.deleted:
        return None
    limits, rules = (_counting(lines_with_versions(connection, ids), end).values() for ids in (_LIMITS, _RULES))
    holidays = _counting(lines_with_versions(connection, _HOLIDAYS)).values()
    evidence = Evidence(issue, [*lines.values()], [*limits], [*rules], [*holidays], _corrected(versions))
    return prove_light(evidence, now or on)


def _counting(versions: Iterable[tuple[Line, str | None]], end: int = MAX_HLC) -> dict[str, Line]:
    """The version of each line that counted before the stamp ``end``, by id."""
    counting: dict[str, Line] = {}
    for line, reason in versions:
        known = counting.get(line.id)
        if line.stamp < end and reason not in _NEVER_COUNTED and (known is None or replaces(line, known)):
            counting[line.id] = line
    return counting


def _corrected(versions: Iterable[tuple[Line, str | None]]) -> dict[str, int]:
    """The latest stamp that a line had before it was corrected, by id."""
    return {line.id: line.stamp for line, reason in sorted(versions, key=_stamp) if reason == "restamped"}


def _stamp(version: tuple[Line, str | None]) -> int:
    return version[0].stamp
