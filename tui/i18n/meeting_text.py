"""What was exchanged with a colleague at a meeting, in words for screens and commands."""

from __future__ import annotations

from collections.abc import Mapping

from tui.i18n.translate import _, ngettext


def met_text(met: Mapping[str, object]) -> str:
    """Whom this device met and what was exchanged, with what did not fit: a colleague as ``guanjia meet --json``
    prints one."""
    taken, given, left_out, no_room = (int(str(met.get(n) or 0)) for n in ("taken", "given", "left_out", "no_room"))
    versions = ngettext("{n} new version taken in", "{n} new versions taken in", taken).format(n=taken)
    lines = ngettext("{n} line given", "{n} lines given", given).format(n=given)
    text = _("{name}: {taken}, {given}.").format(name=met.get("name"), taken=versions, given=lines)
    if left_out:
        more = ngettext(
            "{n} unsent line was not looked at: a meeting takes only so many, the next round brings the rest.",
            "{n} unsent lines were not looked at: a meeting takes only so many, the next round brings the rest.",
            left_out,
        )
        text += " " + more.format(n=left_out)
    if no_room:
        full = ngettext(
            "There is no room for {n} version here before the central has judged others.",
            "There is no room for {n} versions here before the central has judged others.",
            no_room,
        )
        text += " " + full.format(n=no_room)
    return text
