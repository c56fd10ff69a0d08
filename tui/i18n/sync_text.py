"""Sync rounds as text, for the screens and for the command ``guanjia sync``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.home.sync_history import LINES_WAIT
from store.values.plausible_time import is_plausible
from store.values.times import district_time
from tui.i18n.translate import N_, _, ngettext, value_label

if TYPE_CHECKING:
    from store.home.sync_progress import RoundProgress
    from store.queries.intake import LogState
    from store.queries.status import StoreStatus
    from store.queries.sync_history import Round

CLOCK_TOLERANCE_MS = 2_000
"""Clocks that differ by less are reported as equal."""
CLOCK_REFUSED_MS = 120_000
"""From this offset on the central would reject timestamps of the uncorrected clock."""
FAILURE_TEXTS = {
    "unreachable": N_("The central did not answer. Nothing is lost: what is unsent waits here for the next round."),
    "too_slow": N_("The line was too slow. What had arrived is kept, and the next round asks for less at a time."),
    "cut_off": N_("The connection broke off. What had arrived is kept, and the next round goes on from there."),
    "bad_proxy": N_(
        "guanjia cannot use the proxy that the environment names: it takes http:// and https:// proxies. Change the "
        "variable, or add the central to NO_PROXY."
    ),
    "proxy_unreachable": N_(
        "The proxy cannot be reached; the central was not asked. Start the proxy, or unset the variable that names it."
    ),
    "proxy_refused": N_(
        "The proxy opens no connection to the central. Ask whoever looks after the proxy to let the central through."
    ),
    "not_the_central": N_(
        "Something else answered in the central's place. Check the address in the settings (,); if it is right, tell "
        "the bureau what answered."
    ),
    "another_central": N_(
        "Another central answers than the one that this home has joined. Nothing was sent. Check the address in the "
        "settings (,); if the bureau has set up a new central, ask it for a code and join."
    ),
    "captive_portal": N_(
        "A login page of this network answered in the central's place. Log in to the network with a browser; if it "
        "shows none, check the address in the settings (,)."
    ),
    "gateway": N_(
        "The gateway before the central answered, but the central behind it did not. Nothing is lost; if it lasts, "
        "tell the bureau."
    ),
    "request_too_large": N_(
        "A gateway before the central takes no request of this size, and smaller ones did not pass either. Nothing is "
        "lost; tell the bureau that its limit is too low."
    ),
    "firewall": N_(
        "A web firewall before the central refused what this device sent, also in smaller parts and uncompressed. "
        "Nothing is lost; tell the bureau that the firewall must let guanjia through."
    ),
    "token_removed": N_(
        "On the way to the central something takes this device's key out of its requests. Nothing is lost; tell the "
        "bureau that the gateway before the central must pass it on."
    ),
    "certificate_untrusted": N_(
        "The central's certificate is signed by an authority that this machine does not know. Nothing was sent. Ask "
        "the bureau for the certificate of its authority and name it in the setting ca_file."
    ),
    "certificate_expired": N_(
        "The central's certificate has expired, or this machine's clock is ahead. Nothing was sent. If the clock is "
        "right, tell the bureau."
    ),
    "certificate_not_yet_valid": N_(
        "The central's certificate is not valid yet, or this machine's clock is behind. Nothing was sent. Check the "
        "clock; if it is right, tell the bureau."
    ),
    "certificate_wrong_name": N_(
        "The central's certificate is for another name than its address. Nothing was sent. Use the address that the "
        "certificate names, or tell the bureau."
    ),
    "too_many": N_("The central asked to wait. Nothing is lost; try again in a few minutes."),
    "central_busy": N_("The central was busy and asked to wait. Nothing is lost; the next round tries again."),
    "central_disk_full": N_(
        "The central's disk is full: it takes nothing in until its operator makes room. Nothing is lost; tell the "
        "bureau."
    ),
    "revoked": N_(
        "The central no longer knows this device. Everything stays readable here, and unsent lines are kept. Ask the "
        "bureau for a new code and join again."
    ),
    "upgrade_required": N_(
        "This guanjia and the central no longer understand each other. Everything works offline; upgrade guanjia here."
    ),
    "clock": N_(
        "The central's clock is wrong, so nothing was sent. Your records stay here; what others wrote was received. "
        "Tell the bureau: the clock of the central's machine must be set; then the next round sends them."
    ),
    "declined": N_("The central declined. Nothing is lost; upgrade guanjia, and if it stays so, tell the bureau."),
}
"""The meaning and the remedy of each way to fail."""
UNKNOWN_FAILURE_TEXT = N_("The round failed. Nothing is lost; the next one goes on from there.")


def format_size(size: int) -> str:
    """A number of bytes as text."""
    if size < 1_000:
        return f"{size} B"
    return f"{size / 1_000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def format_seconds(seconds: float) -> str:
    """A duration as text."""
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"


def runner_label(ran_by: str) -> str:
    """The label of the program that runs a round."""
    return value_label("ran_by", ran_by)


def step_counts(progress: RoundProgress, step: str) -> tuple[int, int]:
    """The lines transferred and the lines to transfer of a step; the second is at least the first."""
    if step == "push":
        return progress.sent, max(progress.to_send, progress.sent)
    return (progress.received, max(progress.to_receive, progress.received)) if step == "pull" else (0, 0)


def progress_text(progress: RoundProgress) -> str:
    """A running round in one line."""
    done, of = step_counts(progress, progress.step)
    counted = f"  {done:,} / {of:,}" if of else ""
    traffic = _("up {up}, down {down}").format(up=format_size(progress.up), down=format_size(progress.down))
    return "  ".join(filter(None, (value_label("round_step", progress.step) + counted, turn_text(progress), traffic)))


def turn_text(progress: RoundProgress) -> str:
    """That a round waits for its turn; empty where it does not."""
    waiting = ngettext(
        "the central has much to do, {n} second until the next try",
        "the central has much to do, {n} seconds until the next try",
        progress.waits_s,
    )
    return waiting.format(n=progress.waits_s) if progress.waits_s else ""


def outcome_span(ended: Round) -> tuple[str, str]:
    """The outcome of a round, and its style."""
    if ended.outcome != "done":
        text, style = value_label("round_outcome", ended.outcome), "warn" if ended.outcome == "unreachable" else "bad"
    elif not ended.verified:
        text, style = _("done, but not found equal"), "warn"
    elif ended.detail == LINES_WAIT or ended.rejected:
        text, style = _("done, but lines wait or were refused"), "warn"
    else:
        text, style = _("found equal"), "good"
    if ended.times > 1:
        text += "  " + ngettext("{n} time", "{n} times", ended.times).format(n=ended.times)
    return text, style


LOG_FAULTS = {
    "rewritten": N_(
        "What the central says it took in is no longer what it signed before ({time}): its past was changed, without a "
        "backup having been restored. Your lines stay as they are and go on syncing. Tell the bureau and whoever "
        "supervises the central, and keep this device: it holds both signed statements."
    ),
    "unsigned": N_(
        "The central’s statement of what it took in is not signed by the central that was joined ({time}). Your lines "
        "stay as they are and go on syncing. Tell the bureau."
    ),
}
"""What is wrong with the central's log, by the code of the fault."""


def agreement_text(status: StoreStatus) -> str:
    """Whether this device and its central are in agreement, and if not, what waits or how the last round ended."""
    if status.in_agreement:
        return _("yes")
    reasons = []
    if status.rejected:
        reasons.append(ngettext("{n} refused", "{n} refused", status.rejected).format(n=status.rejected))
    if status.pending:
        reasons.append(ngettext("{n} unsent", "{n} unsent", status.pending).format(n=status.pending))
    outcome = str((status.last_round or {}).get("outcome", ""))
    if status.verified_at is None:
        reasons.append(_("never compared with the central"))
    elif outcome not in ("", "done"):
        reasons.append(value_label("round_outcome", outcome))
    return _("no: {reasons}").format(reasons=_(", ").join(reasons)) if reasons else _("no")


def log_text(log: LogState) -> str:
    """What is known of the central's log of what it took in: how far it is, or what is wrong with it."""
    if log.fault is None:
        counted = ngettext("{n} entry", "{n} entries", log.size).format(n=log.size)
        text = _("{count}, the latest of {time}, {root}")
        return text.format(count=counted, time=_time_text(log.at), root=log.root)
    return _(LOG_FAULTS.get(log.fault, LOG_FAULTS["rewritten"])).format(time=_time_text(log.fault_at))


def _time_text(ms: int) -> str:
    return district_time(ms).strftime("%Y-%m-%d %H:%M") if is_plausible(ms) else "…"


def clock_offset_text(offset_ms: int) -> str:
    """The offset of this machine's clock (what must be added to it), and what that means."""
    if abs(offset_ms) < CLOCK_TOLERANCE_MS:
        return _("This machine's clock agrees with the central's.")
    text = (
        _("This machine's clock is slow by {size}.") if offset_ms > 0 else _("This machine's clock is fast by {size}.")
    )
    meaning = _("What is written here is stamped by the central's clock all the same.")
    if abs(offset_ms) >= CLOCK_REFUSED_MS:
        meaning += " " + _("Set it right when you can: what you see as “today” follows it.")
    return f"{text.format(size=duration_text(abs(offset_ms)))} {meaning}"


def signed_duration_text(ms: int) -> str:
    """A difference of two clocks as text: in seconds where it is small, else in its largest fitting unit."""
    if abs(ms) < CLOCK_REFUSED_MS:
        return f"{ms / 1000:+g} s"
    return ("-" if ms < 0 else "+") + duration_text(abs(ms))


def duration_text(ms: int) -> str:
    """A length of time as text, in its largest fitting unit."""
    seconds = round(ms / 1000)
    if seconds < 120:
        return ngettext("{n} second", "{n} seconds", seconds).format(n=seconds)
    minutes = seconds // 60
    if minutes < 120:
        return ngettext("{n} min", "{n} min", minutes).format(n=minutes)
    hours = minutes // 60
    if hours < 48:
        return ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    days = hours // 24
    return ngettext("{n} day", "{n} days", days).format(n=days)


def short_id(device_id: str) -> str:
    """The end of a device's id, by which people tell devices apart."""
    return device_id[-8:]
