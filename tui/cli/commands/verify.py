"""``guanjia verify``: whether a package of evidence is whole, on any machine, with no network and no home."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from store.values.file_causes import file_cause
from store.values.plausible_time import is_plausible
from store.values.times import district_time, format_moment
from sync.protocol.evidence.check import Finding, PackageReport, check_package
from sync.protocol.evidence.exceptions import PackageNotRead
from tui.cli.errors import OK
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext
from tui.cli.output import emit, show
from tui.i18n.evidence_text import finding_text, proves_texts
from tui.i18n.translate import _

NOT_WHOLE = 1


@click.command(cls=Command, help=_("Check a package of evidence: is it whole, and what does it prove? Needs no home."))
@click.argument("file", metavar="FILE", type=PATH_PARAM)
@click.option(
    "--key", metavar="CODE", type=CLEAN_TEXT, help=_("The central’s key, or its fingerprint, as you know it.")
)
@click.pass_obj
def verify(run: CommandContext, file: Path, key: str | None) -> int:
    """Print what was found; exit code 1 where the package is not whole."""
    try:
        with file.open("rb") as opened:
            report = check_package(opened, file.stat().st_size, key)
    except OSError as error:
        raise PackageNotRead(file=file, detail=file_cause(error.errno)) from None
    emit(run.output_format, report, partial(_show, named=key is not None), _to_json)
    return OK if report.whole else NOT_WHOLE


def _to_json(report: PackageReport) -> dict[str, object]:
    manifest = report.manifest
    about = {} if manifest is None else {"subject": manifest.subject, "id": manifest.of, "title": manifest.title}
    return {
        "whole": report.whole,
        "findings": [finding._asdict() for finding in report.findings],
        **about,
        "sealed_at": _moment(report.sealed_at),
        "key": report.key,
        "head_at": _moment(report.head_at),
        "versions": report.versions,
        "proven": report.proven,
    }


def _show(report: PackageReport, *, named: bool) -> None:
    show(_("The package is whole.") if report.whole else _("The package is not whole: do not rely on it."))
    for severity in ("fault", "note"):
        for finding in report.findings:
            if finding.severity == severity and finding.code != "key_to_compare":
                show(f"  {_finding(finding)}")
    if report.manifest is not None and report.whole:
        show("")
        for text in proves_texts(report, _moment(report.sealed_at) or "…", named=named):
            show(text)


def _finding(finding: Finding) -> str:
    return finding_text(finding.code, finding.about)


def _moment(ms: int | None) -> str | None:
    return format_moment(district_time(ms)) if ms is not None and is_plausible(ms) else None
