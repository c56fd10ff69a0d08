"""``guanjia evidence``: the whole story of an issue, or of a project, in one file that proves itself.

Next: ``store/queries/evidence.py`` (which lines), ``sync/round/evidence.py`` (the file), ``tui/reports/evidence.py``
(what people and archives read of it), ``verify.py`` (its check).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click

from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.exceptions import GuanjiaError
from store.home.blobs.blob_store import BlobStore
from store.ledger.hlc import ms_from_hlc
from store.queries.attachments import AttachmentRow
from store.queries.evidence import EvidenceStory, issue_story, project_story
from store.queries.light_proof import light_proof
from store.queries.lines import author_names, unit_names
from store.values.media.content_types import EXTENSIONS
from store.values.plausible_time import is_plausible
from store.values.times import district_time, format_moment
from sync.exceptions import NotEnrolled
from sync.protocol.evidence.package import DocumentInfo, Manifest, Seal, Subject
from sync.round.evidence import (
    PackageContents,
    PackageDocument,
    PackageMaker,
    ProvenStory,
    TellingVersion,
    ask_proofs,
    ask_seal,
    unproven,
    write_package,
)
from tui.cli.errors import NEEDS_ATTENTION, OK, print_error
from tui.cli.export_note import note_export
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext
from tui.cli.name_lookup import find_one
from tui.cli.output import OutputFormat, emit, say, show_pairs
from tui.cli.session import HomeSession, home_session
from tui.i18n.translate import _
from tui.presenters.light_proof import proof_sections
from tui.reports import require_free, to_report_error
from tui.reports.evidence import EvidenceDocument, EvidencePage, EvidenceVersion, evidence_html, evidence_xml
from tui.reports.exceptions import ReportFileExists


class WrittenEvidence(NamedTuple):
    """What was written: the file, what it is about, how many versions, of how many the central proved that it took them
    in, how many documents, how many of them have no bytes here, how many are small pictures in place of originals that
    are not here, and whether the central has sealed it."""

    file: str
    subject: str
    id: str
    versions: int
    proven: int
    documents: int
    missing: int
    copies: int
    sealed: bool


class _ToWrite(NamedTuple):
    subject: Subject
    of: str
    story: EvidenceStory
    sections: list[tuple[str, list[str]]]
    maker: PackageMaker


@click.command(
    cls=Command,
    help=_("The whole story of an issue, or of a project, in one file that proves itself; see “guanjia verify”."),
)
@click.argument("issue", metavar="[ISSUE]", type=CLEAN_TEXT, required=False)
@click.option("--project", metavar="PROJECT", type=CLEAN_TEXT, help=_("A whole project, for the archive."))
@click.option("--out", required=True, type=PATH_PARAM, metavar="FILE", help=_("The file: .zip"))
@click.pass_obj
def evidence(run: CommandContext, issue: str | None, project: str | None, out: Path) -> int:
    """Write the package; exit code 3 where the central has not sealed it, or originals of files are missing here."""
    if (issue is None) == (project is None):
        raise click.UsageError(_("Name an issue, or a project with --project."))
    target = out if out.suffix else out.with_suffix(".zip")
    require_free(target)
    with home_session(run.home) as session:
        with session.database.read() as connection:
            todo = _read(session, connection, issue, project)
        written = _write(run, session, todo, target)
    emit(run.output_format, written, _show, WrittenEvidence._asdict)
    if not written.sealed:
        say(_("The central has not sealed it: it shows what this device has, and nobody but you says so."))
    if written.copies:
        say(
            _(
                "Small pictures are in it where the original is not on this device. Ask for originals by “guanjia "
                "attachment fetch ID…”, sync, and write it anew."
            )
        )
    return OK if written.sealed and not written.missing and not written.copies else NEEDS_ATTENTION


def _read(session: HomeSession, connection: Connection, issue: str | None, project: str | None) -> _ToWrite:
    facts, now = read_device_facts(connection), session.district_now(connection)
    maker = PackageMaker(facts, int(now.timestamp() * 1000))
    if issue is None:
        project_id = find_one(connection, "project", project or "")
        return _ToWrite("project", project_id, project_story(connection, project_id), [], maker)
    issue_id = find_one(connection, "issue", issue)
    proof = light_proof(connection, issue_id, now.date(), now=now)
    names = author_names(connection, proof.people) if proof else {}
    names |= unit_names(connection, proof.departments) if proof else {}
    sections = [(part.heading, list(part.sentences)) for part in (proof_sections(proof, names) if proof else ())]
    return _ToWrite("issue", issue_id, issue_story(connection, issue_id), sections, maker)


def _write(run: CommandContext, session: HomeSession, todo: _ToWrite, target: Path) -> WrittenEvidence:
    """Ask the central, write, and seal it; without the central the export is noted for the audit here."""
    proven = _from_central(run, session, todo) or unproven(todo.story)
    is_sealed = list[bool]()

    def seal(manifest: Manifest, sha256: str) -> Seal:
        told = Seal() if proven.head is None else _seal(run, session, manifest, sha256)
        is_sealed.append(told.signature is not None)
        if told.signature is None:
            note_export(session, "evidence", "zip", manifest.versions)
        return told

    rows = todo.story.attachments
    documents = list(_documents(BlobStore(session.database), rows))
    describe = partial(_describe, todo, proven, {row.id: row for row in rows})
    parts = PackageContents(todo.subject, todo.of, todo.story.title, proven, documents, describe)
    try:
        manifest = write_package(target, parts, todo.maker, seal)
    except FileExistsError:
        raise ReportFileExists(file=target) from None
    except OSError as error:
        raise to_report_error(error, target) from None
    missing = sum(document.part is None for document in manifest.documents)
    shown = sum(version.proof is not None for version in proven.versions)
    copies = sum(document.part is not None and document.copy_of_original for document in manifest.documents)
    counts = (manifest.versions, shown, len(manifest.documents) - missing, missing, copies)
    return WrittenEvidence(str(target), todo.subject, todo.of, *counts, is_sealed[-1])


def _from_central(run: CommandContext, session: HomeSession, todo: _ToWrite) -> ProvenStory | None:
    """The story with the central's proofs; None, and why on stderr, where it could not be asked."""
    try:
        return ask_proofs(session.home, session.settings, todo.story)
    except NotEnrolled:
        return None
    except GuanjiaError as error:
        print_error(error, json_form=run.output_format is not OutputFormat.TEXT)
        return None


def _seal(run: CommandContext, session: HomeSession, manifest: Manifest, sha256: str) -> Seal:
    try:
        return ask_seal(session.home, session.settings, manifest, sha256)
    except GuanjiaError as error:
        print_error(error, json_form=run.output_format is not OutputFormat.TEXT)
        return Seal()


def _documents(blobs: BlobStore, rows: list[AttachmentRow]) -> Iterator[PackageDocument]:
    """The file of each attachment: the original where it is here, else the small copy."""
    for row in rows:
        is_copy = not blobs.has(row.bucket, row.sha256) and row.copy_sha256 is not None
        sha256 = row.copy_sha256 if is_copy and row.copy_sha256 else row.sha256
        media_type = (row.copy_type if is_copy else row.media_type) or ""
        opened = _opener(blobs, row, sha256) if blobs.has(row.bucket, sha256) else None
        yield PackageDocument(row.id, row.name, EXTENSIONS.get(media_type, ".bin")[1:], sha256, is_copy, opened)


def _opener(blobs: BlobStore, row: AttachmentRow, sha256: str) -> Callable[[], AbstractContextManager[Iterable[bytes]]]:
    @contextlib.contextmanager
    def chunks() -> Iterator[Iterable[bytes]]:
        with blobs.open(row.bucket, sha256, row.name) as reader:
            yield reader.chunks()

    return chunks


def _describe(
    todo: _ToWrite, story: ProvenStory, rows: dict[str, AttachmentRow], manifest: Manifest
) -> tuple[bytes, bytes]:
    page = EvidencePage(
        title=manifest.title,
        facts=(
            (_("District"), f"{manifest.district.name} ({manifest.district.code})"),
            (_("Made at"), _moment(manifest.made_at)),
            (_("By"), manifest.name),
            (_("Versions"), str(manifest.versions)),
            (_("How to check it"), "guanjia verify FILE"),
        ),
        sections=todo.sections,
        versions=[_version(version) for version in story.versions],
        documents=[_document(document, rows[document.line]) for document in manifest.documents],
        names=todo.story.names,
        made_at=_moment(manifest.made_at),
        made_by=manifest.name,
        district=manifest.district.name,
        of=manifest.of,
    )
    return evidence_xml(page), evidence_html(page)


def _version(version: TellingVersion) -> EvidenceVersion:
    line, proof = version.line, version.proof
    return EvidenceVersion(
        line.kind,
        line.id,
        _moment(ms_from_hlc(line.stamp)),
        line.author,
        line.device,
        line.body,
        line.deleted,
        version.reason,
        None if proof is None else f"{_moment(proof.at)} (#{proof.number})",
    )


def _document(document: DocumentInfo, row: AttachmentRow) -> EvidenceDocument:
    copied = document.copy_of_original
    media_type, size = (row.copy_type, row.copy_size) if copied else (row.media_type, row.size)
    return EvidenceDocument(
        document.part,
        document.name,
        media_type or "",
        size or 0,
        document.sha256,
        document.line,
        row.author,
        row.at,
        copied,
    )


def _moment(ms: int) -> str:
    return format_moment(district_time(ms)) if is_plausible(ms) else "…"


def _show(written: WrittenEvidence) -> None:
    show_pairs(
        (
            (_("File"), written.file),
            (_("Versions"), written.versions),
            (_("Proven by the central"), written.proven),
            (_("Attached files"), written.documents),
            *([(_("Not here"), written.missing)] if written.missing else []),
            *([(_("Small pictures only"), written.copies)] if written.copies else []),
            (_("Sealed by the central"), _("yes") if written.sealed else _("no")),
        )
    )
