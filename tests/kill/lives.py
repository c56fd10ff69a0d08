"""The processes that are killed: each does its work until it dies, and tells in a file what was acknowledged to it.

They are forked from a server that has loaded everything once (`multiprocessing`'s fork server), so that a life costs
milliseconds. What a life tells is with the kernel before it goes on, and so survives its death. None outlives
`LONGEST_S`, whatever becomes of the test.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from random import Random

import orjson

from store.home.credentials import open_credentials
from store.home.paths import Home
from store.home.settings import Settings, load_settings
from store.ledger.kinds import kinds
from store.ledger.line import new_id
from store.writer.local_writes import Draft, Ledger
from store.writer.upgrade import open_store
from sync.central.api.serve import ListenAddress, serve
from sync.daemon.daemon import run_daemon
from sync.round import sync_home

KILLS = int(os.environ.get("GUANJIA_KILLS", "60"))
"""How many processes die in the tests of this folder, about."""
LONGEST_S = 600 + KILLS
"""A central or daemon serves for as long as a test lasts, which grows with the kills."""
DRAFT = "visit:new"
SETTINGS = {"GUANJIA_CREDENTIALS": "file", "GUANJIA_SYNC_INTERVAL_S": "5", "GUANJIA_LOG_LEVEL": "debug"}

kinds()  # once, before anything is forked


class Teller:
    """Tells what was acknowledged, one JSON object a line; what goes wrong is in a file beside it."""

    def __init__(self, told: Path) -> None:
        self._file = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def __call__(self, **fact: str) -> None:
        os.write(self._file, orjson.dumps(fact) + b"\n")


@contextlib.contextmanager
def life(told: Path) -> Iterator[Teller]:
    """A life that ends by itself in the end. Whatever it dies of, but for a kill, is in ``told``'s errors."""
    signal.alarm(LONGEST_S)
    said = os.open(told.with_suffix(".log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(said, 2)
    try:
        yield Teller(told)
    except BaseException:
        told.with_suffix(".errors").write_text(traceback.format_exc())
        os._exit(1)


def settings_of(home: Home) -> Settings:
    """The settings of every life: the key in a file, no waiting."""
    return load_settings(home, {}, SETTINGS)


def open_ledger(home: Home) -> Ledger:
    """The ledger as the screens open it."""
    return Ledger(open_store(home.database, open_credentials(home, "file").key()))


def writer(path: Path, told: Path, seed: int, writes: int, pause_s: float) -> None:
    """An officer who writes, corrects and types without end, or ``writes`` times."""
    with life(told) as tell:
        ledger, dice = open_ledger(Home(path)), Random(seed)
        project = ledger.database.connection().execute("SELECT id FROM project").fetchone()[0]
        own: list[str] = []
        for n in range(writes):
            act = dice.choice((_log, _log, _correct, _log_many, _type))
            own += act(ledger, tell, project, dice.choice(own) if own else "", f"{seed}-{n}-{os.getpid()}")
            time.sleep(dice.uniform(0, pause_s))


def form(path: Path, told: Path, seed: int) -> None:
    """An officer who types a visit into a form, saves it, and begins the next. What a life before has left unfinished
    is saved first, as the person does who finds the draft again."""
    with life(told) as tell:
        ledger, key = open_ledger(Home(path)), f"{DRAFT}:{seed}"
        project = ledger.database.connection().execute("SELECT id FROM project").fetchone()[0]
        for n in range(1_000_000):
            draft = ledger.load_draft(key)
            if draft is None:
                draft = {"text": f"form {seed}-{n}-{os.getpid()}"}
                ledger.save_draft(key, draft)
                tell(typed=str(draft["text"]))
            with ledger.saving_draft(key):
                ledger.put("visit", _visit(str(draft["text"])), project=project)


def _visit(words: str) -> dict[str, str]:
    return {"at": "2026-03-04T09:00+08:00", "how": "visit", "text": words}


def _log(ledger: Ledger, tell: Teller, project: str, _: str, words: str) -> list[str]:
    line = ledger.put("visit", _visit(words), project=project)
    tell(id=line.id, words=words)
    return [line.id]


def _log_many(ledger: Ledger, tell: Teller, project: str, _: str, words: str) -> list[str]:
    lines = ledger.put_many([Draft("visit", _visit(f"{words}-{n}"), project, new_id()) for n in range(5)])
    for n, line in enumerate(lines):
        tell(id=line.id, words=f"{words}-{n}")
    return [line.id for line in lines]


def _correct(ledger: Ledger, tell: Teller, project: str, own: str, words: str) -> list[str]:
    if own:
        ledger.edit("visit", own, text=words)
        tell(id=own, words=words)
    return []


def _type(ledger: Ledger, tell: Teller, project: str, _: str, words: str) -> list[str]:
    ledger.save_draft(DRAFT, {"text": words})
    tell(draft=words)
    return []


def daemon(path: Path, told: Path) -> None:
    """A daemon serving the home."""
    with life(told):
        run_daemon(Home(path), settings_of(Home(path)))


def rounds(path: Path, told: Path, until: Path) -> None:
    """Rounds, one after another, until there is a file ``until``."""
    with life(told):
        while not until.exists():
            sync_home(Home(path), settings_of(Home(path)))


def central(data_dir: Path, told: Path, port: int) -> None:
    """A central on a fixed port."""
    with life(told) as tell:
        serve(data_dir, ListenAddress(port=port), announce=lambda address: tell(address=address))


def screens(path: Path, told: Path, terminal: str) -> None:
    """The terminal app on a terminal of its own."""
    from tui.cli.open_app import open_screens  # noqa: PLC0415 - only this life has screens

    os.setsid()
    tty = os.open(terminal, os.O_RDWR)
    with life(told):
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            os.dup2(tty, number)
            stream = os.fdopen(number, "r" if name == "stdin" else "w", encoding="utf-8")
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
        os.environ |= {"TERM": "xterm-256color", **SETTINGS}
        open_screens(path)
