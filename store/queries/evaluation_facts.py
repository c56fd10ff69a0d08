"""The ledger's figures of a unit or a person, shown beside their score so that an evaluation can be checked (R52, R53):
settled in time, silence, returned approvals, disputes, settlements without the files that the district required."""

from __future__ import annotations

from datetime import date

from store.db.connection import Connection
from store.domain.file_rules import HAS_RULES_SQL, lacks_files_sql
from store.domain.status_lights import LightThresholds
from store.queries.name_sql import kept_id_sql, same_ids_sql
from store.values.exceptions import BadPeriod
from store.values.periods import parse_period
from store.writer.project_figures import DUE_SQL, IN_TURN_SQL

FACT_NAMES = ("issues", "settled", "in_time", "overdue", "returned", "disputed", "silence", "visits", "without_files")
"""All that is counted; a score line may name ``in_time``, ``silence``, ``returned`` or ``disputed`` as its fact."""
ON_LIST = "p.deleted = 0 AND coalesce(json_extract(p.adjustments, '$[#-1].act'), '') <> 'removed'"
"""The condition that a project ``p`` is on the list."""
Facts = dict[str, int | None]


def period_bounds(period: str, today: date) -> tuple[str, str]:
    """The first and last day of a stored period; of any other text, as older versions took it, all days."""
    try:
        read = parse_period(period, today)
    except BadPeriod:
        return "0000", "9999"
    return read.since, read.until


def evaluation_facts(
    connection: Connection, thresholds: LightThresholds, period: str, *, unit: str | None, person: str | None
) -> Facts:
    """The figures of a unit (issues of its department, projects it leads) or a person (issues they own, projects they
    are butler of) in a period. An issue counts where it was due, settled or recorded within the period."""
    since, until = period_bounds(period, date.fromisoformat(thresholds.today))
    values = {
        "unit": unit,
        "person": person,
        "since": since,
        "until": until,
        "today": thresholds.today,
        "silent": thresholds.silent_before,
    }
    theirs = f"s.department_id = {kept_id_sql(':unit')}" if unit else f"s.owner_id = {kept_id_sql(':person')}"
    issues, settled, in_time, overdue = connection.execute(_ISSUES.format(theirs=theirs), values).fetchone()
    returned, disputed, lacking = connection.execute(_STEPS.format(theirs=theirs), values).fetchone()
    units, people = same_ids_sql(":unit"), same_ids_sql(":person")
    serves = f"(a.unit_id IN ({units}) AND a.role = 'lead_unit')"
    if not unit:
        serves = f"(a.person_id IN ({people}) AND a.role = 'butler')"
    silence = connection.execute(_SILENCE.format(serves=serves), values).fetchone()[0]
    of_unit = f"{kept_id_sql('v.author_id')} IN (SELECT id FROM person WHERE unit_id IN ({units}))"
    author = of_unit if unit else f"v.author_id IN ({people})"
    visits = connection.execute(_VISITS.format(author=author), values).fetchone()[0]
    figures = (issues, settled, in_time, overdue, returned, disputed, silence, visits, lacking)
    return dict(zip(FACT_NAMES, figures, strict=True))


_WITHIN = "substr({0}, 1, 10) >= :since AND substr({0}, 1, 10) <= :until"
_SETTLED = (
    "(SELECT max(coalesce(t.at, '')) FROM issue_step t WHERE t.issue_id = s.id AND t.act = 'settled' AND t.deleted = 0)"
)
_ISSUES = (
    "SELECT count(*), count(settled), coalesce(sum(settled IS NOT NULL AND (due IS NULL OR settled <= due)), 0), "
    "coalesce(sum(due < :today AND settled IS NULL AND state NOT IN ('closed', 'cancelled')), 0) FROM ("
    f"SELECT {DUE_SQL} AS due, s.state, substr({_SETTLED}, 1, 10) AS settled, coalesce(i.raised_at, '') AS raised "
    "FROM issue_state s JOIN issue i ON i.id = s.id WHERE {theirs}) "
    f"WHERE ({_WITHIN.format('raised')}) OR ({_WITHIN.format('coalesce(settled, due)')})"
)
_STEPS = (
    "SELECT coalesce(sum(t.act = 'returned'), 0), "
    "coalesce(sum(t.act = 'disputed' AND t.department_id IS NULL), 0), "
    "count(DISTINCT CASE WHEN t.act = 'settled' AND "
    f"{IN_TURN_SQL} AND {HAS_RULES_SQL} AND {lacks_files_sql('substr(t.at, 1, 10)')} THEN t.issue_id END) "
    "FROM issue_step t JOIN issue_state s ON s.id = t.issue_id JOIN issue i ON i.id = s.id WHERE {theirs} "
    "AND t.deleted = 0 AND " + _WITHIN.format("coalesce(t.at, '')")
)
_SILENCE = (
    f"SELECT count(DISTINCT p.id) FROM assignment a JOIN project p ON p.id = a.project_id WHERE {ON_LIST} "
    "AND a.deleted = 0 AND {serves} AND coalesce(a.to_date, :today) >= :today AND coalesce((SELECT max(v.at) "
    "FROM visit v WHERE v.project_id = p.id AND v.deleted = 0), json_extract(p.adjustments, '$[0].date'), '9999') "
    "< :silent"
)
_VISITS = "SELECT count(*) FROM visit v WHERE {author} AND v.deleted = 0 AND " + _WITHIN.format("v.at")
