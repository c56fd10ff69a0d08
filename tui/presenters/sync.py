"""Sync: rounds, comparison by project, devices and notices; the columns of their lists, and their pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from store.home.sync_history import LINES_WAIT
from store.home.sync_progress import ROUND_STEPS
from tui.i18n.dates import format_moment, format_time
from tui.i18n.sync_text import (
    FAILURE_TEXTS,
    UNKNOWN_FAILURE_TEXT,
    agreement_text,
    clock_offset_text,
    format_seconds,
    format_size,
    log_text,
    outcome_span,
    runner_label,
    short_id,
    step_counts,
    turn_text,
)
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.presenters.common import draft_label
from tui.presenters.lines import body_facts, line_summary
from tui.widgets.cells import Cell, Span
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageHeading, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.home.sync_progress import RoundProgress
    from store.queries.provisional import ProvisionalEntry
    from store.queries.status import Notification, StoreStatus
    from store.queries.sync_history import DeviceActivity, ProjectSyncStatus, Round

NowMs = Callable[[], int]
PROGRESS_BAR_CELLS = 24
NO_DAEMON = N_("not running: rounds are run when the app opens, after saving, and by ^R")
_TRANSFER_STEPS = ("push", "pull")


class NoticeRow:
    """A notice as a row of a list."""

    def __init__(self, notice: Notification) -> None:
        self.notice = notice
        self.id = str(notice.n)


# ── a round as it runs ──────────────────────────────────────────────────────────────────────────────────────────────


def round_progress_blocks(progress: RoundProgress, now_ms: int) -> list[PageBlock]:
    """A running round: who runs it, since when, and each step with its bar."""
    head: list[Span] = [(_("A round is running"), "accent"), (f"  {runner_label(progress.by)}", "muted")]
    since = _("since {time}").format(time=format_time(progress.began, now_ms))
    head.append((f"  {since}", "muted"))
    traffic = _("up {up}, down {down}").format(up=format_size(progress.up), down=format_size(progress.down))
    head.append((f"  {traffic}", "muted"))
    if turn := turn_text(progress):
        head.append((f"  {turn}", "warn"))
    width = max(len(value_label("round_step", step).encode("gb18030", "replace")) for step in ROUND_STEPS)
    return [StyledLine(tuple(head)), *(StyledLine(_step(progress, step, width)) for step in ROUND_STEPS)]


def _step(progress: RoundProgress, step: str, width: int) -> tuple[Span, ...]:
    """One step: pending, running or done. A device that has never pulled receives before it sends."""
    label = value_label("round_step", step)
    label += " " * (width - len(label.encode("gb18030", "replace")))
    done, of = step_counts(progress, step)
    if step == progress.step:
        mark, style = "> ", "accent"
    elif ROUND_STEPS.index(step) < ROUND_STEPS.index(progress.step) and done >= of:
        mark, style = "ok", "good"
    else:
        mark, style = "  ", "muted"
    spans: list[Span] = [(f" {mark} ", style), (f"{label}  ", style if mark != "  " else "muted")]
    if step in _TRANSFER_STEPS and (of or step == progress.step):
        filled = PROGRESS_BAR_CELLS * done // of if of else 0
        spans += [
            ("[" + "#" * filled, "accent"),
            ("-" * (PROGRESS_BAR_CELLS - filled) + "]", "muted"),
            (f" {done:,} / {of:,}", ""),
        ]
    return tuple(spans)


# ── the head ────────────────────────────────────────────────────────────────────────────────────────────────────────


def sync_status_blocks(
    status: StoreStatus, unsent: Mapping[str, int], now_ms: int, *, daemon: bool = False, files: str = ""
) -> list[PageBlock]:
    """The sync status of this home; ``daemon``: one runs here; ``files``: what is said of those that wait."""
    if status.central is None:
        alone = _("This device works alone: nothing is sent. Join a central with the code that your bureau gives you.")
        return [Passage(alone, "warn")]
    kinds = _(", ").join(f"{value_label('kind', kind)} {count}" for kind, count in unsent.items())
    waiting = ngettext("{n} unsent", "{n} unsent", status.pending).format(n=status.pending)
    unsent_text = _("{count}: {kinds}").format(count=waiting, kinds=kinds)
    facts: list[tuple[str, str | None]] = [
        (_("In agreement"), agreement_text(status)),
        (_("Last compared equal"), format_moment(status.verified_at, now_ms) or _("never")),
        (_("Unsent"), unsent_text if status.pending else _("nothing")),
        *([(_("On their way as files"), str(status.carried))] if status.carried else []),
        *([(_("Attachments"), files)] if files else []),
        *([(_("Provisional from meetings"), str(status.provisional))] if status.provisional else []),
        (_("Clock"), clock_offset_text(status.clock_offset_ms)),
        (_("Daemon"), _("running") if daemon else _(NO_DAEMON)),
        (_("Central"), status.central),
    ]
    log = status.log
    wrong = [Passage(log_text(log), "bad")] if log and log.fault else []
    return [*wrong, FactTable(facts)]


# ── rounds ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def round_columns(now: NowMs) -> Sequence[ListColumn[Round]]:
    """The columns of the list of rounds."""
    return (
        ListColumn(N_("When"), 11, lambda row: ((format_moment(row.at, now()), "muted"),)),
        ListColumn(N_("How it ended"), 22, lambda row: (outcome_span(row),), grow_share=1),
        ListColumn(N_("Sent"), 6, lambda row: _count(row.pushed), align_right=True),
        ListColumn(N_("Received"), 8, lambda row: _count(row.pulled), align_right=True),
        ListColumn(N_("Overtaken"), 9, lambda row: _count(row.superseded), align_right=True, min_list_width=78),
        ListColumn(N_("Refused"), 7, lambda row: _count(row.rejected), align_right=True),
        ListColumn(N_("Took"), 7, lambda row: format_seconds(row.seconds), align_right=True),
    )


def _count(number: int) -> str:
    return str(number) if number else ""


def round_page(row: Round, now_ms: int) -> list[PageBlock]:
    """The page of a round: outcome, remedy if it failed, figures."""
    blocks: list[PageBlock] = [StyledLine((outcome_span(row),)), BlankLine()]
    if row.outcome != "done":
        blocks += [Passage(_(FAILURE_TEXTS.get(row.outcome, UNKNOWN_FAILURE_TEXT))), BlankLine()]
    elif row.detail == LINES_WAIT:
        waits = _("Both sides were found equal, but lines waited or were refused: they are not at the central yet.")
        blocks += [Passage(waits), BlankLine()]
    elif not row.verified:
        blocks += [Passage(_("Both sides were not found equal this time; the next round compares again.")), BlankLine()]
    ended = format_moment(row.at, now_ms)
    when = ended
    if row.times > 1:
        when = _("{first} to {last}").format(first=format_moment(row.began, now_ms), last=ended)
    traffic = _("up {up}, down {down}").format(up=format_size(row.up), down=format_size(row.down))
    facts: list[tuple[str, str]] = [
        (_("When"), when),
        (_("By"), runner_label(row.ran_by)),
        (_("Sent"), str(row.pushed)),
        (_("Received"), str(row.pulled)),
        (_("Overtaken by later edits"), _count(row.superseded)),
        (_("Refused"), _count(row.rejected)),
        (_("Took"), format_seconds(row.seconds)),
        (_("Bytes"), traffic),
        (_("Detail"), value_label("network_cause", (row.outcome != "done" and row.detail) or "")),
    ]
    return [*blocks, FactTable(facts)]


# ── projects ────────────────────────────────────────────────────────────────────────────────────────────────────────


def project_sync_columns(verified: Callable[[], str]) -> Sequence[ListColumn[ProjectSyncStatus]]:
    """The columns of the list of projects by sync status."""
    return (
        ListColumn(N_("No."), 8, lambda row: ((row.number or "", "muted"),)),
        ListColumn(N_("Project"), 16, project_or_part_name, grow_share=2),
        ListColumn(N_("Lines"), 7, lambda row: str(row.lines), align_right=True),
        ListColumn(N_("How it stands"), 22, lambda row: project_sync_cell(row, verified()), grow_share=1),
    )


def project_or_part_name(row: ProjectSyncStatus) -> str:
    """A project's name, or the label of a part of the district."""
    return row.name or value_label("round_place", row.id)


def project_sync_cell(row: ProjectSyncStatus, verified: str) -> Cell:
    """The sync status of a project in a few words, the worst first."""
    parts: list[Span] = []
    if row.differ:
        parts.append((_("differed, fetched again"), "bad"))
    if row.coming:
        parts.append((_("still coming"), "warn"))
    if row.rejected:
        parts.append((ngettext("{n} refused", "{n} refused", row.rejected).format(n=row.rejected), "bad"))
    if row.unsent:
        parts.append((ngettext("{n} unsent", "{n} unsent", row.unsent).format(n=row.unsent), "warn"))
    if not parts:
        equal = _("equal, {time}").format(time=verified) if verified else ""
        return ((equal, "good"),) if equal else ((_("not compared yet"), "muted"),)
    return tuple(part for span in parts for part in (span, ("  ", "")))


def project_sync_page(row: ProjectSyncStatus, verified: str) -> list[PageBlock]:
    """The page of a project: equal lines, unsent and rejected lines, differences."""
    differ = ngettext(
        "{n} part differed at the last comparison", "{n} parts differed at the last comparison", row.differ
    )
    coming = ngettext("{n} part is still to be received", "{n} parts are still to be received", row.coming)
    facts = [
        (_("Lines that both have"), str(row.lines)),
        (_("Unsent"), _count(row.unsent)),
        (_("Refused"), _count(row.rejected)),
        (_("Differs"), differ.format(n=row.differ) if row.differ else ""),
        (_("Still coming"), coming.format(n=row.coming) if row.coming else ""),
    ]
    means = _("“Equal” means compared by both sides and found the same, line by line, at that time.")
    if row.differ or row.coming:
        means = _("The next round fetches what differs, and only that. Nothing written here is lost by it.")
    elif row.unsent:
        means = _("What is unsent goes with the next round; the rest was found equal.")
    cell = project_sync_cell(row, verified)
    spans = ((cell, ""),) if isinstance(cell, str) else cell
    return [
        PageTitle(project_or_part_name(row)),
        StyledLine(spans),
        BlankLine(),
        FactTable(facts),
        BlankLine(),
        Passage(means, "muted"),
    ]


# ── devices and notices ─────────────────────────────────────────────────────────────────────────────────────────────


def device_columns(now: NowMs) -> Sequence[ListColumn[DeviceActivity]]:
    """The devices that have written what is here, the latest to write first."""
    return (
        ListColumn(N_("Whose"), 12, lambda row: row.person or _("somebody"), grow_share=1),
        ListColumn(N_("Device"), 8, lambda row: ((short_id(row.id), "muted"),)),
        ListColumn(N_("Last line"), 11, lambda row: ((format_moment(row.at, now()), "muted"),)),
        ListColumn(N_("Lines"), 7, lambda row: str(row.lines), align_right=True),
        ListColumn("", 12, lambda row: ((_("this device"), "good"),) if row.here else "", grow_share=1),
    )


def device_page(row: DeviceActivity, now_ms: int) -> list[PageBlock]:
    """One device."""
    facts = [
        (_("Device"), short_id(row.id)),
        (_("Last line"), format_moment(row.at, now_ms)),
        (_("Lines"), str(row.lines)),
    ]
    origin = _("It is this device.") if row.here else _("What it wrote came here by way of the central.")
    lost = _("A device that is lost or handed on is shut out by the bureau: “guanjia central revoke”.")
    return [
        PageTitle(row.person or _("somebody")),
        FactTable(facts),
        BlankLine(),
        Passage(origin),
        BlankLine(),
        Passage(lost, "muted"),
    ]


def provisional_columns(now: NowMs) -> Sequence[ListColumn[ProvisionalEntry]]:
    """The columns of what colleagues gave in meetings."""
    return (
        ListColumn(N_("Given by"), 8, lambda row: row.author or _("somebody")),
        ListColumn(N_("Written"), 11, lambda row: ((format_moment(row.at, now()), "muted"),)),
        ListColumn(N_("Kind"), 8, lambda row: value_label("kind", row.kind)),
        ListColumn(N_("What it says"), 14, _provisional_text, grow_share=4),
        ListColumn(N_("Project"), 12, lambda row: row.project or "", grow_share=2, min_list_width=78),
    )


def _provisional_text(row: ProvisionalEntry) -> Cell:
    said = line_summary(row.kind, row.body)
    return ((_("deleted"), "warn"), ("  ", ""), (said, "")) if row.deleted else said


def provisional_page(row: ProvisionalEntry, now_ms: int) -> list[PageBlock]:
    """One version that a colleague gave: what it says, and what becomes of it."""
    facts = [
        (_("Given by"), row.author or _("somebody")),
        (_("Written"), format_moment(row.at, now_ms)),
        (_("Here since"), format_moment(row.since, now_ms)),
        (_("Project"), row.project or ""),
        (_("Replaces"), _("a version in this ledger") if row.is_here else ""),
    ]
    means = _(
        "Provisional: the central has not judged it yet, and it is in no list, report or figure until then. It goes "
        "once the central’s version is here; if the central refuses it, it is in the bin and can be restored."
    )
    return [
        PageTitle(f"{value_label('kind', row.kind)}  {line_summary(row.kind, row.body)}"),
        FactTable(facts),
        PageHeading(_("What it says")),
        body_facts(row.kind, row.body, {}),
        BlankLine(),
        Passage(means, "warn"),
    ]


def notice_columns(now: NowMs) -> Sequence[ListColumn[NoticeRow]]:
    """The columns of the list of notices."""
    return (
        ListColumn(N_("When"), 11, lambda row: ((format_moment(row.notice.at, now()), "muted"),)),
        ListColumn(N_("What"), 30, lambda row: value_label("notice", row.notice.code), grow_share=2),
        ListColumn(N_("Lines"), 7, lambda row: _count(int(row.notice.detail.get("lines") or 0)), align_right=True),
    )


NOTICE_TEXTS = {
    "scope_withdrawn": N_(
        "A role was withdrawn or a project handed on, so its lines left this device. What was written here and not yet "
        "sent stays."
    ),
    "clock_healed": N_(
        "This machine's clock was wrong; the lines not yet sent were stamped anew by the central's clock, in order."
    ),
    "lines_rejected": N_("The central refused lines. They are kept here; x shows why, and how to mend them."),
    "line_displaced": N_(
        "A line of yours had an id that belongs to another line. It is kept: under a new id, or in the history of the "
        "old one, from where it can be brought back."
    ),
    "provisional_refused": N_(
        "The central has not accepted lines that a colleague gave in a meeting. They are in the bin here; whose they "
        "are has them too, with the reason."
    ),
    "lines_quarantined": N_(
        "Lines arrived with fields that cannot be right, such as a day that there is not. They are kept whole; those "
        "fields are not shown until somebody corrects them. “guanjia doctor” names the lines."
    ),
    "twin": N_(
        "This home was copied, and both copies are used: this one is a device of its own now. Where both changed the "
        "same, the conflicts say which version lost."
    ),
    "clock_repaired": N_(
        "The central's clock was ahead for a time. The lines stamped then have their right time again, and the days in "
        "them that came from it; as they were, they are in their history. Please check deadlines that were set then."
    ),
    "person_erased": N_(
        "The bureau had somebody’s personal data erased, so what was entered here about that person and not yet sent "
        "was emptied. All else that was entered here stays as it was."
    ),
    "drafts_emptied": N_(
        "The bureau had somebody’s personal data erased. In the drafts changed, their name and phone became “已删除” "
        "where a field names people, and a phone also in the text; a draft about their own record was deleted. Text "
        "that you wrote was left as it is: take the name out yourself where drafts to look at are named."
    ),
    "device_joined": N_(
        "Another device joined the central in your name. If it is not yours, tell the bureau, which can revoke it."
    ),
    "log_restored": N_(
        "The central was restored from an older state. What it took in after that is not in its log any more; its "
        "devices bring back what they have of it, and this is recorded as taken in now. All before that is as it was."
    ),
    "token_not_renewed": N_(
        "The central renews the key by which it knows this device, and the new one cannot be kept here: the keyring or "
        "the disk takes nothing in. The present one stays good and nothing is lost. Unlock the keyring or make room; "
        "then it happens by itself."
    ),
}


def notice_page(row: NoticeRow, now_ms: int) -> list[PageBlock]:
    """The page of a notice."""
    lines = int(row.notice.detail.get("lines") or 0)
    counted = ngettext("{n} line", "{n} lines", lines).format(n=lines) if lines else ""
    facts = [(_("When"), format_moment(row.notice.at, now_ms)), (_("Lines"), counted)]
    if name := row.notice.detail.get("device"):
        facts.append((_("Device"), str(name)))
    if projects := row.notice.detail.get("projects"):
        facts.append((_("Projects"), "、".join(map(str, projects))))
    facts += _draft_facts(row.notice.detail)
    if unsent := int(row.notice.detail.get("unsent") or 0):
        facts.append((_("Still unsent"), str(unsent)))
    meaning = NOTICE_TEXTS.get(row.notice.code)
    explanation: list[PageBlock] = [BlankLine(), Passage(_(meaning))] if meaning else []
    return [PageTitle(value_label("notice", row.notice.code)), FactTable(facts), *explanation]


def _draft_facts(detail: Mapping[str, object]) -> list[tuple[str, str]]:
    """Which drafts an erasure has changed, deleted, and left with a name in their text: the forms, each once."""
    labels = {"changed": _("Drafts changed"), "gone": _("Drafts deleted"), "naming": _("Drafts to look at")}
    keys = {name: found for name in labels if isinstance(found := detail.get(name), list)}
    return [
        (labels[name], _(", ").join(dict.fromkeys(draft_label(str(key)) for key in found)))
        for name, found in keys.items()
    ]
