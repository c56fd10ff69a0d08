"""``guanjia demo``: a scenario with real parts: two homes, a central in a process of its own, rounds over HTTP."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from store.exceptions import HomeExists
from tui.cli.demo.central import DemoCentral
from tui.cli.demo.story import DemoScenario
from tui.cli.errors import OK
from tui.cli.groups import Command, CommandContext
from tui.cli.output import OutputFormat, emit, say, show
from tui.i18n.translate import _

PASSED_VARIABLES = ("GUANJIA_LANGUAGE",)


@click.command(
    cls=Command,
    help=_(
        "Two laptops and a central, in folders of their own: import the sample table, work offline on both, meet "
        "again, see what won and what lost, restore it. Then the screens open on laptop A. "
        "Without --home everything is removed at the end."
    ),
)
@click.option("--no-tui", is_flag=True, help=_("Only tell the story."))
@click.option("--story-only", is_flag=True, help=_("Without the year of the sample district."))
@click.option("--stick", is_flag=True, help=_("Another story: a week without a network, by files on one stick."))
@click.pass_obj
def demo(run: CommandContext, no_tui: bool, story_only: bool, stick: bool) -> int:
    """Play the story, then open the screens."""
    with isolated_environment(), demo_folder(run.home) as folder:
        if stick:
            return _play_stick(run, folder)
        central = DemoCentral(folder / "central")
        try:
            story = DemoScenario(folder, central, _make_narrator(run.output_format))
            story.play()
            if not story_only:
                story.play_year()
            emit(run.output_format, story.facts, lambda _facts: None)
            return OK if no_tui or run.output_format is not OutputFormat.TEXT else _open(story)
        finally:
            central.stop()


def _play_stick(run: CommandContext, folder: Path) -> int:
    from tui.cli.demo.stick import StickScenario

    week = StickScenario(folder, _make_narrator(run.output_format))
    week.play()
    emit(run.output_format, week.facts, lambda _facts: None)
    return OK


def _make_narrator(form: OutputFormat) -> Callable[[str], None]:
    """A function that prints a sentence at once; with ``--json`` it does nothing, and only the facts are printed."""

    def tell(sentence: str) -> None:
        show(sentence)
        sys.stdout.flush()

    return tell if form is OutputFormat.TEXT else lambda _sentence: None


def _open(story: DemoScenario) -> int:
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        say(_("There is no terminal here, so the screens stay closed."))
        return OK
    say(_("The other laptop, as long as the screens are open: guanjia --home {home}").format(home=story.b.home.path))
    say(_("Press enter, and the screens open on laptop A."))
    sys.stdin.readline()
    from tui.cli.open_app import open_screens

    return open_screens(story.a.home.path)


@contextlib.contextmanager
def isolated_environment() -> Iterator[None]:
    """Hide the person's own settings: the demo must never touch their home, keyring or central."""
    before = {name: value for name, value in os.environ.items() if name.startswith("GUANJIA_")}
    for name in before.keys() - set(PASSED_VARIABLES):
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(before)


@contextlib.contextmanager
def demo_folder(path: Path | None) -> Iterator[Path]:
    """The named folder, which is kept, or one that is removed at the end. Raises `HomeExists`."""
    if path is None:
        folder = Path(tempfile.mkdtemp(prefix="guanjia-demo-"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return
    folder = path.expanduser().absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise HomeExists(home=folder)
    yield folder
