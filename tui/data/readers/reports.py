"""Writing a report to a file, for the screens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from tui.reports import ExportNote, write_report
from tui.reports.files import PictureSource, without_pictures
from tui.reports.options import ReportRequest, build_report, form_for, resolve_options


def write_report_file(
    connection: Connection,
    thresholds: LightThresholds,
    now: datetime,
    report: tuple[str, Path],
    options: Mapping[str, str],
    note: ExportNote,
    forms_folder: str | None = None,
    pictures: PictureSource = without_pictures,
) -> str:
    """Write the report of that name to that file. ``options`` are the report's own, names as ids or as typed; relative
    days count from ``now``; ``note`` keeps that it was written; ``forms_folder`` may have an own form for it;
    ``pictures`` reads small pictures. Returns the file; raises what the report, its options or its file raise."""
    name, path = report
    request = ReportRequest(connection, thresholds, resolve_options(connection, now, options), pictures)
    write_report(build_report(name, request), path, note=note, form=form_for(forms_folder, name, path))
    return str(path)
