"""The bureau's screen in words: rows of codes, devices and accounts, the page of one, and the slip with a code."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from store.values.times import district_time
from tui.data.bureau_seat import days_unseen
from tui.i18n.dates import format_age, format_moment
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.widgets.cells import Cell, Spans
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageHeading, PageTitle, Passage

if TYPE_CHECKING:
    from tui.data.bureau_seat import SeatRow, SeatSnapshot

UNSEEN_DAYS = 14
"""Who has not synced for so many days is marked; twice as long, in red."""
CLOCK_OFF_MS = 60_000


def seat_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[SeatRow]]:
    """The columns: who, as what, on which device, seen when, what waits there."""
    return (
        ListColumn(N_("Person"), 10, lambda row: ((row.name or _("nobody by name"), "strong"),), grow_share=2),
        ListColumn(N_("Device"), 14, device_cell, grow_share=2),
        ListColumn(N_("Seen"), 17, lambda row: seen_cell(row, now_ms())),
        ListColumn(N_("Unsent"), 6, lambda row: _count(row, "unsent"), align_right=True),
        ListColumn(N_("Refused"), 7, lambda row: _count(row, "refused"), align_right=True),
        ListColumn(N_("Roles"), 12, lambda row: ((row.roles, "muted"),), grow_share=3),
        ListColumn(N_("Clock"), 12, lambda row: ((clock_text(row), "warn"),), min_list_width=110),
    )  # fmt: skip


def device_cell(row: SeatRow) -> Cell:
    """The device's name; of a code that it waits, of an account that it has none."""
    if row.kind == "code":
        return ((_("code waits"), "accent"),)
    return ((_("no device"), "muted"),) if row.kind == "account" else row.text("name")


def seen_cell(row: SeatRow, now_ms: int) -> Cell:
    """When the device was last seen, marked where that is long ago; of a code, until when it is good."""
    if row.kind == "code":
        return ((_("until {time}").format(time=format_moment(row.text("expires_at"), now_ms)), "accent"),)
    if row.text("expired_at") and not row.text("revoked_at"):
        return ((_("! expired"), "bad"),)
    if row.text("revoked_at"):
        return ((_("! not seen") if row.text("stopped_why") == "unseen" else _("stopped"), "muted"),)
    days = days_unseen(row, now_ms)
    if days >= UNSEEN_DAYS:
        text = ngettext("{n} day ago", "{n} days ago", days).format(n=days)
        return ((f"! {text}", "bad" if days >= 2 * UNSEEN_DAYS else "warn"),)
    return format_moment(row.text("seen_at"), now_ms)


def clock_text(row: SeatRow) -> str:
    """How wrong the device's clock is, in words; empty within a minute, and where it is not known."""
    off_ms = row.number("clock_offset_ms")
    if abs(off_ms) < CLOCK_OFF_MS:
        return ""
    return (_("{n} min behind") if off_ms > 0 else _("{n} min ahead")).format(n=round(abs(off_ms) / 60_000))


def _count(row: SeatRow, name: str) -> Cell:
    count = row.number(name)
    return ((str(count), "warn"),) if count else ""


def seat_page(row: SeatRow, now_ms: int) -> list[PageBlock]:
    """The page of a row."""

    def moment(name: str) -> str:
        return format_moment(row.text(name), now_ms)

    if row.kind == "code":
        of_code = ((_("Roles"), row.roles), (_("Made"), moment("created_at")), (_("Good until"), moment("expires_at")))
        hint = _("The code itself was shown when it was made. A new one (n) ends this one; w withdraws it.")
        title = row.name or _("nobody by name")
        return [PageTitle(title), BlankLine(), FactTable(of_code), BlankLine(), Passage(hint, "muted")]
    title = f"{row.name}  {row.text('name')}" if row.kind == "device" else row.name
    facts = (
        (_("Roles"), row.roles), (_("Since"), moment("created_at")), (_("Seen"), moment("seen_at")),
        (_("Expired"), moment("expired_at")), (_("Stopped"), moment("revoked_at")),
        (_("Why"), value_label("stopped_why", row.text("stopped_why")) if row.text("stopped_why") else ""),
        (_("Program"), row.text("program")), (_("Unsent"), row.text("unsent")),
        (_("Refused"), row.text("refused")), (_("Clock"), clock_text(row)),
    )  # fmt: skip
    return [PageTitle(title), BlankLine(), FactTable(facts)]


def account_blocks(snapshot: SeatSnapshot | None, ids: Collection[str], now_ms: int) -> list[PageBlock]:
    """The account and devices of a person, known by these ids: as the central last told them, with the age of that."""
    heading = PageHeading(_("Account and devices"))
    if snapshot is None:
        return [heading, Passage(_("Asking the central …"), "muted")]
    if snapshot.read_ms is None:
        return [heading, Passage(_("The central has not answered: accounts and devices are not known here."), "warn")]
    rows = snapshot.of_person(ids)
    blocks: list[PageBlock] = [FactTable([(row.text("name"), _device_text(row, now_ms)) for row in rows])]
    if not any(row.kind == "device" for row in rows):
        told = _("An account, no device.") if rows else _("No account: n in the accounts (A) invites.")
        blocks = [Passage(told, "muted")]
    age = format_age(district_time(snapshot.read_ms).isoformat(), now_ms)
    as_of = _("As of {time}.") if snapshot.error is None else _("As of {time}; the central does not answer now.")
    known = as_of.format(time=age or format_moment(district_time(snapshot.read_ms).isoformat(), now_ms))
    return [heading, *blocks, Passage(known, "muted" if snapshot.error is None else "warn")]


def _device_text(row: SeatRow, now_ms: int) -> Spans:
    """When a device was last seen, or that it is stopped or expired, and what waits on it."""
    cell = seen_cell(row, now_ms)
    spans: Spans = ((cell, ""),) if isinstance(cell, str) else cell
    for label, name in ((_("Unsent"), "unsent"), (_("Refused"), "refused")):
        if row.number(name):
            spans = (*spans, (f"  {label} {row.number(name)}", "warn"))
    return spans if not clock_text(row) else (*spans, (f"  {clock_text(row)}", "warn"))


def unsent_text(snapshot: SeatSnapshot | None, ids: Collection[str], name: str, now_ms: int) -> str:
    """How many lines of a person, known by these ids, wait on their devices, as these said in their latest round."""
    rows = [row for row in snapshot.of_person(ids) if row.kind == "device"] if snapshot else []
    said = [row for row in rows if row.text("unsent") and not row.text("revoked_at")]
    if not said:
        return _("How many lines {name} has not sent yet is not known here.").format(name=name)
    count, seen = sum(row.number("unsent") for row in said), max(row.text("seen_at") for row in said)
    text = ngettext("{name} had {n} line unsent at {time}.", "{name} had {n} lines unsent at {time}.", count)
    return text.format(name=name, n=count, time=format_moment(seen, now_ms))


def slip_text(facts: SeatRow, central: str, district: str) -> str:
    """The slip that is handed over with a code: what to do with it, in the language of the program."""
    until = facts.text("expires_at")[:16].replace("T", " ")
    lines = (
        _("{district}: joining the project butler’s ledger").format(district=district), "",
        _("For: {name}").format(name=facts.name), _("Code: {code}").format(code=facts.text("code")),
        _("Address: {address}").format(address=central), _("Good once, until {time}.").format(time=until), "",
        _("Open the program, choose “join a central” (c), and type address and code."),
        _("The code is for you alone. Destroy this slip when you have joined."), "",
    )  # fmt: skip
    return "\n".join(lines)
