"""``guanjia today`` and ``guanjia conflicts``: what the screens show and do, as commands."""

from __future__ import annotations

from typing import Any

import click
import pytest

from store.home.credentials import open_credentials
from store.home.paths import Home
from store.ledger.line import derived_id
from store.queries.lines import current_line
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import open_store
from tests.tui.cli.conftest import CommandLine
from tui.cli import root


def ledger_of(here: CommandLine) -> SyncLedger:
    """The home's ledger, as another process has it."""
    home = Home(here.home)
    return SyncLedger(open_store(home.database, open_credentials(home, "file").key()))


def lose(here: CommandLine, number: str, **changes: Any) -> str:
    """A change of a project that loses to somebody who had not seen it; gives the project's id."""
    project = here.json("project", "show", number)["id"]
    ledger = ledger_of(here)
    before = current_line(ledger.database.connection(), project)
    assert before is not None
    lost = ledger.edit("project", project, **changes)
    won = before._replace(stamp=lost.stamp + 1, device=derived_id("b"), author=derived_id("乙"), base=before.stamp)
    ledger.merge([won])
    ledger.database.close()
    return str(project)


def test_the_day_of_a_fresh_home_says_how_to_begin(lone: CommandLine) -> None:
    """An empty ledger has an empty day: exit 0, and a next step for people."""
    found = lone.json("today")
    assert found["groups"] == found["projects"] == []
    assert "guanjia import" in lone.run("today").out


def test_the_day_has_groups_with_exact_counts(imported: CommandLine) -> None:
    """Groups stand most pressing first, with all that there is counted and as many as wanted listed; one's own
    projects are those that the table says one serves."""
    for number in range(4):
        imported.run("issue", "add", "--project", "续1", "--title", f"第{number}件", "--due", "2026-01-05")
    found = imported.json("today", "--limit", "3")
    first = found["groups"][0]
    assert (first["why"], first["count"], len(first["entries"])) == ("overdue", 4, 3)
    assert first["entries"][0].keys() >= {"kind", "line", "title", "project", "light", "at", "detail"}
    assert found["project_count"] == len(found["projects"]) == 4
    assert found["projects"][0]["light"] == "red"
    assert found.keys() >= {"everything", "pending", "rejected", "verified_at"}
    told = imported.run("today", "--limit", "3").out
    assert "第0件" in told
    assert "第3件" not in told


def test_refused_lines_make_the_day_exit_3(imported: CommandLine) -> None:
    """While a line is refused, a script is told by the exit code that a person should look."""
    ledger = ledger_of(imported)
    with ledger.database.write() as connection:
        connection.execute("UPDATE outbox SET state = 'rejected', code = 'forbidden' WHERE kind = 'project'")
    ledger.database.close()
    found = imported.json("today", code=3)
    assert found["rejected"] == sum(group["count"] for group in found["groups"] if group["why"] == "refused") > 0


def test_conflicts_are_listed_and_restored(imported: CommandLine) -> None:
    """The list exits 3 while there is anything, names what was lost; restoring writes a version and empties it."""
    assert imported.json("conflicts") == []
    project = lose(imported, "续1", note="我的话")
    (found,) = imported.json("conflicts", code=3)
    assert (found["line"], found["own"]) == (project, True)
    assert found["differs"] == [{"field": "note", "lost": "我的话", "now": None}]
    assert "我的话" in imported.run("conflicts", "list", code=3).out
    lose(imported, "续2", stage="started")
    assert "开工" in imported.run("conflicts", "--lang", "zh", code=3).out
    imported.run("conflicts", "restore", "续2")
    assert imported.json("conflicts", "restore", "续1") == {"restored": 1, "lines": 1}
    assert imported.json("conflicts", "list") == []
    assert imported.json("history", project)[-1]["body"]["note"] == "我的话"


def test_conflicts_are_dismissed(imported: CommandLine) -> None:
    """One by one by number, or all at once; a dismissed version stays in history."""
    project = lose(imported, "续1", note="我的话")
    lose(imported, "续2", note="又一句")
    number = next(one["version"] for one in imported.json("conflicts", code=3) if one["line"] == project)
    assert imported.json("conflicts", "dismiss", project, "--version", str(number)) == {"dismissed": 1}
    assert len(imported.json("conflicts", code=3)) == 1
    assert imported.json("conflicts", "dismiss", "--all") == {"dismissed": 1}
    assert imported.json("conflicts") == []
    assert "我的话" in {one["body"].get("note") for one in imported.json("history", project)}


@pytest.mark.parametrize("verb", ["restore", "dismiss"])
def test_the_versions_must_be_named(verb: str, imported: CommandLine) -> None:
    """Neither lines nor --all is wrong usage, both is too; a line that lost nothing is not found."""
    lose(imported, "续1", note="我的话")
    imported.run("conflicts", verb, code=2)
    imported.run("conflicts", verb, "续1", "--all", code=2)
    imported.run("conflicts", verb, "续2", code=1)
    imported.run("conflicts", verb, "续1", "--version", "99", code=1)
    assert len(imported.json("conflicts", code=3)) == 1


def test_the_former_name_of_conflicts_still_works(imported: CommandLine) -> None:
    """``losers``, the former name, is the same command; help and completion do not show it."""
    lose(imported, "续1", note="我的话")
    assert imported.json("losers", code=3) == imported.json("conflicts", code=3)
    assert imported.json("losers", "dismiss", "--all") == {"dismissed": 1}
    assert "losers" not in imported.run("--help").out
    assert "losers" not in root.guanjia.list_commands(click.Context(root.guanjia))
