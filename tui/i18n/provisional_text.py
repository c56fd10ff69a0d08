"""How screens and commands mark what colleagues gave in a meeting and the central has not judged: one word, before the
title of the record that it is about. How many there are is said on the record's page."""

from __future__ import annotations

from tui.i18n.translate import N_, _, ngettext

PROVISIONAL = N_("provisional")


def with_provisional_mark(title: str, provisional: int) -> str:
    """The title of a record, marked where there are provisional versions of it or of what belongs to it."""
    return f"{_(PROVISIONAL)} {title}" if provisional else title


def provisional_text(provisional: int) -> str | None:
    """How many provisional versions there are of a record, and where they are seen; None where there are none."""
    if not provisional:
        return None
    text = ngettext(
        "{n} version from a meeting waits for the central",
        "{n} versions from meetings wait for the central",
        provisional,
    )
    return text.format(n=provisional)
