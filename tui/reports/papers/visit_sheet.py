"""The sheet of one visit (走访记录单; R42, R47): as it was recorded, to be signed; or for a project to be filled in on
site, with what is open there."""

from __future__ import annotations

from collections.abc import Iterator

from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from store.queries import visits
from store.queries.attachments import attachments_of
from store.queries.issues import IssueFilter, issues
from store.queries.papers import latest_visit, project_face
from store.queries.visits import IssueMention, VisitRow
from tui.i18n.translate import _, value_label
from tui.reports.files import PictureSource, files_tables
from tui.reports.frame import Frame
from tui.reports.papers.wording import holder_text
from tui.reports.report import PAGE_FOOTER, NamedFact, Report, fact_table

_DAY_LENGTH = len("2026-03-05")
_ROOM = "\n\n\n"
"""Room to write by hand."""


def visit_sheet(
    connection: Connection,
    thresholds: LightThresholds,
    *,
    visit: str | None = None,
    project: str | None = None,
    pictures: PictureSource,
) -> Report:
    """The sheet of a visit: of that id, or the latest of that day (ISO); of a ``project`` alone a sheet to fill in;
    with neither, of the latest visit."""
    seen = _chosen(connection, visit, project)
    place = project or (seen.project_id if seen else None)
    rows = [*_head(connection, place, thresholds.today)]
    if seen is not None:
        rows += _said(seen)
    elif place is not None:
        rows += _to_fill_in(connection, thresholds, place)
    files = files_tables(attachments_of(connection, [seen.id]), pictures) if seen else ()
    title = _("Visit sheet")
    note = "" if rows else _("No visit was recorded.")
    frame = Frame(period=seen.at[:10] if seen else "", counted=False)
    return Report(
        "visit-sheet",
        title,
        (fact_table(title, rows, label_width=20, note=note), *files),
        len(rows),
        _(PAGE_FOOTER),
        frame=frame,
    )


def _chosen(connection: Connection, visit: str | None, project: str | None) -> VisitRow | None:
    if visit and len(visit) == _DAY_LENGTH:
        of_day = visits.visits(connection, visits.listing(project=project, since=visit, until=visit), limit=1)
        return visits.visit(connection, of_day[0].id) if of_day else None
    chosen = visit or (None if project else latest_visit(connection))
    return visits.visit(connection, chosen) if chosen else None


def _head(connection: Connection, project: str | None, today: str) -> Iterator[NamedFact]:
    face = project_face(connection, project, today) if project else None
    if face is None:
        return
    yield NamedFact("project", _("Project"), f"{face.number} {face.name}".strip())
    yield NamedFact("enterprise", _("Enterprise of the project"), face.owner)
    yield NamedFact("lead_leader", _("Lead leader"), face.lead_leader)
    yield NamedFact("butler", _("Butler"), face.butler)
    yield NamedFact("contact", _("Enterprise contact"), face.enterprise_contact)


def _said(seen: VisitRow) -> Iterator[NamedFact]:
    yield NamedFact("at", _("When"), seen.at[:16].replace("T", " "))
    yield NamedFact("how", _("How"), value_label("visit.how", seen.how))
    yield NamedFact("place", _("Place"), seen.place)
    yield NamedFact("participants", _("Participants"), seen.participants_text)
    yield NamedFact("seen", _("What was seen"), seen.text)
    yield NamedFact("raised", _("Issues raised"), _mentions(seen.issues_raised))
    yield NamedFact("moved", _("Issues moved on"), _mentions(seen.issues_moved))
    yield NamedFact("author", _("Recorded by"), seen.author)
    yield from _signatures()


def _to_fill_in(connection: Connection, thresholds: LightThresholds, project: str) -> Iterator[NamedFact]:
    yield NamedFact("at", _("When"), None)
    yield NamedFact("how", _("How"), None)
    yield NamedFact("place", _("Place"), None)
    yield NamedFact("participants", _("Participants"), None)
    yield NamedFact("seen", _("What was seen"), _ROOM)
    for one in issues(connection, thresholds, IssueFilter(project=project, unfinished=True, order="light")):
        light = f"{value_label('light_name', one.light)} " if one.light else ""
        about = f"{light}{one.number} {one.title}\n{holder_text(one.department, one.owner)}  {one.due or ''}"
        yield NamedFact("open_issues", _("Open issue"), f"{about}\n\n")
    yield NamedFact("new_issues", _("New issues"), _ROOM)
    yield from _signatures()


def _signatures() -> Iterator[NamedFact]:
    yield NamedFact("opinion", _("Opinion of the enterprise"), _ROOM)
    yield NamedFact("contact_signed", _("Enterprise contact (signature)"), "\n")
    yield NamedFact("butler_signed", _("Butler (signature)"), "\n")


def _mentions(mentioned: tuple[IssueMention, ...]) -> str | None:
    return "\n".join(f"{one.number or ''} {one.title or one.id}".strip() for one in mentioned) or None
