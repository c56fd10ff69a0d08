"""Secrets that a command needs: from a file, from standard input, or typed without being shown.

The arguments of a command can be read by everybody on the machine (``ps``) and stay in the shell's history, so whatever
may be given there may be given here too.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from store.values.text import sanitize
from store.values.text_files import decode_secret
from tui.cli.errors import BadUsage
from tui.i18n.translate import _

MAX_SECRET_BYTES = 4_096
"""A code or a database address is shorter; whatever is longer is another file."""


def read_secret(file: Path | None, prompt: str, command: str) -> str:
    """The first line of ``file`` (``-`` is standard input). Without a file it is asked for by ``prompt``, or read from
    standard input where that is no terminal. Raises `BadUsage` when there is none, naming the ``command``, and
    `OSError` for a file that cannot be read."""
    if file is None and sys.stdin.isatty():
        return sanitize(str(click.prompt(prompt, hide_input=True, err=True))).strip()
    if file is None or str(file) == "-":
        raw = sys.stdin.buffer.readline(MAX_SECRET_BYTES)
        raw += b"\0" * (b"\0" in raw and len(raw) % 2)  # the other half of a line end in UTF-16
    else:
        with file.open("rb") as opened:
            raw = opened.read(MAX_SECRET_BYTES)
    secret = sanitize(decode_secret(raw).partition("\n")[0]).strip()
    if not secret:
        raise BadUsage(detail=_("“{name}” is missing: nothing was typed or read.").format(name=prompt), command=command)
    return secret
