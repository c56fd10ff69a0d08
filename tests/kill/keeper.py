"""Keeping lives going: one dies at a random moment, the next begins."""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any

import orjson

PRELOAD = ["pytest", "tests.kill.lives", "tui.app.app", "tui.cli.open_app", "alembic.command", "h11", "watchfiles"]
PRELOAD += [f"uvicorn.{name}" for name in ("loops.auto", "protocols.http.auto", "lifespan.on", "server")]
PRELOAD += [
    "sqlalchemy.dialects.sqlite.pysqlite",
    "sqlalchemy.dialects.sqlite.json",
    "zstandard",
    "anyio._backends._asyncio",
]

_ONE_AT_A_TIME = threading.Lock()
"""`multiprocessing` asks after all its children whenever one begins; two threads would take each other's answers."""


def forking() -> ForkServerContext:
    """Where lives begin: a server that has loaded all that they need, once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    return context


class Keeper(threading.Thread):
    """Starts a life again and again, and kills each after a random while of up to ``longest_s``: so many ``kills``, and
    on until ``facts`` were told. On a busy machine short lives achieve nothing, so those beyond ``kills`` are longer
    and longer."""

    def __init__(self, name: str, folder: Path, kills: int, longest_s: float, dice: Random, facts: int = 0) -> None:
        super().__init__(name=name)
        self.told = folder / f"{name}.told"
        self.killed = 0
        self._kills, self._facts = kills, facts
        self._longest_s = longest_s
        self._dice = dice
        self._life: Callable[..., None] | None = None
        self._arguments: tuple[Any, ...] = ()

    def keeps(self, life: Callable[..., None], home: Path, *arguments: Any) -> Keeper:
        """Which life, with what."""
        self._life, self._arguments = life, (home, self.told, *arguments)
        return self

    def run(self) -> None:
        """Every life to its end."""
        for life in count():
            if life >= self._kills and sum(1 for _ in self.facts()) >= self._facts:
                return
            process = self.begin()
            time.sleep(self._dice.uniform(0, self._longest_s * max(1, life // self._kills)))
            self.killed += end(process) == -signal.SIGKILL

    def begin(self) -> BaseProcess:
        """A life."""
        process = forking().Process(target=self._life, args=self._arguments, daemon=True)
        with _ONE_AT_A_TIME:
            process.start()
        return process

    # What was told

    def facts(self) -> Iterator[dict[str, str]]:
        """All that was acknowledged to its lives, in order."""
        text = self.told.read_bytes() if self.told.exists() else b""
        yield from (orjson.loads(line) for line in text.splitlines(keepends=True) if line.endswith(b"\n"))

    def errors(self) -> str:
        """What its lives died of, other than being killed."""
        errors = self.told.with_suffix(".errors")
        return errors.read_text() if errors.exists() else ""

    def log(self) -> str:
        """What its lives said on stderr."""
        log = self.told.with_suffix(".log")
        return log.read_text(errors="replace") if log.exists() else ""


def end(process: BaseProcess) -> int | None:
    """Kill a process with SIGKILL, by its id, and wait for its end; gives what it ended with."""
    process.kill()
    with _ONE_AT_A_TIME:
        process.join()
    return process.exitcode
