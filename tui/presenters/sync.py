"""Rounds, agreement, devices and notices on the screen: columns of their lists, and what is said of one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from store.home.sync_progress import STEPS
from tui.i18n.dates import clock_time, moment_shown
from tui.i18n.sync_text import (
    MEANINGS,
    UNKNOWN,
    clock_words,
    outcome_shown,
    seconds_shown,
    size_shown,
    step_counts,
    who_runs,
)
from tui.i18n.translate import N_, _, ngettext, word
from tui.widgets.cells import Cell, Span
from tui.widgets.columns import Column
from tui.widgets.page import Block, Facts, Gap, Passage, Title, Words

if TYPE_CHECKING:
    from store.home.sync_progress import Progress
    from store.queries.status import Notice, Status
    from store.queries.sync_history import Agreed, DeviceSeen, Round

Now = Callable[[], int]
BAR = 24
_MOVES = ("push", "pull")


class NoticeRow:
    """A notice as a row of a list."""

    def __init__(self, notice: Notice) -> None:
        self.notice = notice
        self.id = str(notice.n)


# ── a round as it runs ──────────────────────────────────────────────────────────────────────────────────────────────


def running_blocks(progress: Progress, now_ms: int) -> list[Block]:
    """A round in progress: who runs it and since when, and each step with its bar."""
    head: list[Span] = [(_("A round is running"), "accent"), (f"  {who_runs(progress.by)}", "muted")]
    since = _("since {time}").format(time=clock_time(progress.began, now_ms))
    head.append((f"  {since}", "muted"))
    traffic = _("up {up}, down {down}").format(up=size_shown(progress.up), down=size_shown(progress.down))
    head.append((f"  {traffic}", "muted"))
    width = max(len(word("round_step", step).encode("gb18030", "replace")) for step in STEPS)
    return [Words(tuple(head)), *(Words(_step(progress, step, width)) for step in STEPS)]


def _step(progress: Progress, step: str, width: int) -> tuple[Span, ...]:
    """One step: still to come, under way, or done. A device that has never read receives before it sends."""
    label = word("round_step", step)
    label += " " * (width - len(label.encode("gb18030", "replace")))
    done, of = step_counts(progress, step)
    if step == progress.step:
        mark, style = "> ", "accent"
    elif STEPS.index(step) < STEPS.index(progress.step) and done >= of:
        mark, style = "ok", "good"
    else:
        mark, style = "  ", "muted"
    spans: list[Span] = [(f" {mark} ", style), (f"{label}  ", style if mark != "  " else "muted")]
    if step in _MOVES and (of or step == progress.step):
        filled = BAR * done // of if of else 0
        spans += [("[" + "#" * filled, "accent"), ("-" * (BAR - filled) + "]", "muted"), (f" {done:,} / {of:,}", "")]
    return tuple(spans)


# ── the head ────────────────────────────────────────────────────────────────────────────────────────────────────────


def head_blocks(status: Status, unsent: Mapping[str, int], now_ms: int) -> list[Block]:
    """How this home stands, in a few lines."""
    if status.central is None:
        alone = _("This device works alone: nothing is sent. Join a central with the code that your bureau gives you.")
        return [Passage(alone, "warn")]
    kinds = _(", ").join(f"{word('kind', kind)} {count}" for kind, count in unsent.items())
    waiting = ngettext("{n} unsent", "{n} unsent", status.pending).format(n=status.pending)
    facts: list[tuple[str, Any]] = [
        (_("Found equal"), moment_shown(status.verified_at, now_ms) or _("never")),
        (_("Unsent"), f"{waiting}: {kinds}" if status.pending else _("nothing")),
        (_("Clock"), clock_words(status.clock_offset_ms)),
        (_("Central"), status.central),
    ]
    return [Facts(facts)]


# ── rounds ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def round_columns(now: Now) -> Sequence[Column[Round]]:
    """The last rounds, newest first."""
    return (
        Column(N_("When"), 11, lambda row: ((moment_shown(row.at, now()), "muted"),)),
        Column(N_("How it ended"), 22, lambda row: (outcome_shown(row),), grow=1),
        Column(N_("Sent"), 6, lambda row: _count(row.pushed), right=True),
        Column(N_("Received"), 8, lambda row: _count(row.pulled), right=True),
        Column(N_("Overtaken"), 9, lambda row: _count(row.superseded), right=True, from_width=78),
        Column(N_("Refused"), 7, lambda row: _count(row.rejected), right=True),
        Column(N_("Took"), 7, lambda row: seconds_shown(row.seconds), right=True),
    )


def _count(number: int) -> str:
    return str(number) if number else ""


def round_page(row: Round, now_ms: int) -> list[Block]:
    """One round: what came of it, and what to do where it failed."""
    blocks: list[Block] = [Words((outcome_shown(row),)), Gap()]
    if row.outcome != "done":
        blocks += [Passage(_(MEANINGS.get(row.outcome, UNKNOWN))), Gap()]
    elif not row.verified:
        blocks += [Passage(_("Both sides were not found equal this time; the next round compares again.")), Gap()]
    ended = moment_shown(row.at, now_ms)
    when = ended
    if row.times > 1:
        when = _("{first} to {last}").format(first=moment_shown(row.began, now_ms), last=ended)
    traffic = _("up {up}, down {down}").format(up=size_shown(row.up), down=size_shown(row.down))
    facts: list[tuple[str, str]] = [
        (_("When"), when),
        (_("By"), who_runs(row.ran_by)),
        (_("Sent"), str(row.pushed)),
        (_("Received"), str(row.pulled)),
        (_("Overtaken by later edits"), _count(row.superseded)),
        (_("Refused"), _count(row.rejected)),
        (_("Took"), seconds_shown(row.seconds)),
        (_("Bytes"), traffic),
        (_("Detail"), row.detail or ""),
    ]
    return [*blocks, Facts(facts)]


# ── projects ────────────────────────────────────────────────────────────────────────────────────────────────────────


def agreed_columns(verified: Callable[[], str]) -> Sequence[Column[Agreed]]:
    """How each project stands with the central."""
    return (
        Column(N_("No."), 8, lambda row: ((row.number or "", "muted"),)),
        Column(N_("Project"), 16, place_name, grow=2),
        Column(N_("Lines"), 7, lambda row: str(row.lines), right=True),
        Column(N_("How it stands"), 22, lambda row: agreed_cell(row, verified()), grow=1),
    )


def place_name(row: Agreed) -> str:
    """A project's name, or the word for a part of the district."""
    return row.name or word("round_place", row.id)


def agreed_cell(row: Agreed, verified: str) -> Cell:
    """In a few words, the worst first."""
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


def agreed_page(row: Agreed, verified: str) -> list[Block]:
    """One project: what both sides are known to have, and what is still between them."""
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
    cell = agreed_cell(row, verified)
    spans = ((cell, ""),) if isinstance(cell, str) else cell
    return [Title(place_name(row)), Words(spans), Gap(), Facts(facts), Gap(), Passage(means, "muted")]


# ── devices and notices ─────────────────────────────────────────────────────────────────────────────────────────────


def device_columns(now: Now) -> Sequence[Column[DeviceSeen]]:
    """The devices that have written what is here, the latest to write first."""
    return (
        Column(N_("Whose"), 12, lambda row: row.person or _("somebody"), grow=1),
        Column(N_("Device"), 8, lambda row: ((row.id[-8:], "muted"),)),
        Column(N_("Last line"), 11, lambda row: ((moment_shown(row.at, now()), "muted"),)),
        Column(N_("Lines"), 7, lambda row: str(row.lines), right=True),
        Column("", 12, lambda row: ((_("this device"), "good"),) if row.here else "", grow=1),
    )


def device_page(row: DeviceSeen, now_ms: int) -> list[Block]:
    """One device."""
    facts = [
        (_("Device"), row.id),
        (_("Last line"), moment_shown(row.at, now_ms)),
        (_("Lines"), str(row.lines)),
    ]
    said = _("It is this device.") if row.here else _("What it wrote came here by way of the central.")
    lost = _("A device that is lost or handed on is shut out by the bureau: “guanjia central revoke”.")
    return [Title(row.person or _("somebody")), Facts(facts), Gap(), Passage(said), Gap(), Passage(lost, "muted")]


def notice_columns(now: Now) -> Sequence[Column[NoticeRow]]:
    """What a person should be told once."""
    return (
        Column(N_("When"), 11, lambda row: ((moment_shown(row.notice.at, now()), "muted"),)),
        Column(N_("What"), 30, lambda row: word("notice", row.notice.code), grow=2),
        Column(N_("Lines"), 7, lambda row: _count(int(row.notice.detail.get("lines") or 0)), right=True),
    )


NOTICE_MEANINGS = {
    "scope_withdrawn": N_(
        "A role was withdrawn or a project handed on, so its lines left this device. What was written here and not yet "
        "sent stays."
    ),
    "clock_healed": N_(
        "This machine's clock was wrong; the lines not yet sent were stamped anew by the central's clock, in order."
    ),
    "lines_rejected": N_("The central refused lines. They are kept here; x shows why, and how to mend them."),
}


def notice_page(row: NoticeRow, now_ms: int) -> list[Block]:
    """One notice, and what it means."""
    lines = int(row.notice.detail.get("lines") or 0)
    counted = ngettext("{n} line", "{n} lines", lines).format(n=lines) if lines else ""
    facts = [(_("When"), moment_shown(row.notice.at, now_ms)), (_("Lines"), counted)]
    meaning = NOTICE_MEANINGS.get(row.notice.code)
    said: list[Block] = [Gap(), Passage(_(meaning))] if meaning else []
    return [Title(word("notice", row.notice.code)), Facts(facts), *said]
