"""Click's own texts in the person's language: click asks the process's gettext domain, so that domain is set to ours.

The message ids below are click's (8.5); marking them here brings them into the catalogs in ``tui/i18n/locale``.
"""

from __future__ import annotations

import gettext
import os

from tui.i18n.translate import DOMAIN, LOCALE, N_, current_language


def install_translations() -> None:
    """Set click's language to the one in use. The standard library finds the catalog by the variable LANGUAGE."""
    os.environ["LANGUAGE"] = current_language()
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)


def _plural(singular: str, plural: str, n: int) -> tuple[str, str, int]:
    return singular, plural, n


ngettext = _plural
"""Marks a singular and plural for extraction into the catalogs; nothing is looked up here."""

CLICK_MESSAGES = (
    N_("Aborted!"),
    N_("Missing command."),
    N_("required"),
    N_("Options"),
    N_("Positional arguments"),
    N_("Commands"),
    N_("env var: {var}"),
    N_("default: {default}"),
    N_("Show this message and exit."),
    N_("unknown error"),
    N_("Could not open file {filename!r}: {message}"),
    N_("Error: {message}"),
    N_("Usage:"),
    N_("file"),
    N_("directory"),
    N_("path"),
    N_("{value!r} is not a valid boolean. Recognized values: {states}"),
    N_("{value!r} is not a valid {number_type}."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is not readable."),
    N_("{name} {filename!r} does not exist."),
    ngettext("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", 1),
    ngettext("Takes {nargs} values but 1 was given.", "Takes {nargs} values but {len} were given.", 1),
)
