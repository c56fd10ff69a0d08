"""What a forked process of the tests runs in place of a command line (``tests/tui/cli/fork_server.py``)."""

from __future__ import annotations

import sys
from pathlib import Path

from store.home.paths import resolve_home
from store.home.settings import load_settings
from sync.central.api.serve import ListenAddress, serve
from sync.daemon.daemon import run_daemon
from sync.daemon.errands import Errands
from tui.cli import main
from tui.cli.reminder_channels import system_channels
from tui.cli.reminding import Reminders


def serve_central(data_dir: str, port: str, workers: str) -> None:
    """The central in a folder, until it is stopped."""
    serve(Path(data_dir), ListenAddress(port=int(port)), workers=int(workers))


def serve_home() -> None:
    """The daemon of the home that the environment names, until it is stopped."""
    home = resolve_home()
    run_daemon(home, load_settings(home))


def serve_reminders() -> None:
    """The same with reminders, which nothing but a round or a line that is written calls for."""
    home = resolve_home()
    errands = Errands(home, every_s=86_400)
    errands.add("reminder", Reminders(home, system_channels(), errands.worked))
    run_daemon(home, load_settings(home), errands)


def story_only(*arguments: str) -> None:
    """The command line, its demo without the year, which takes half a minute."""
    sys.exit(main.run([*arguments, "--story-only"] if arguments[0] == "demo" else arguments))
