"""What leaves a device as a file is in the central's audit: offline too, once, under who did it, and no contents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
from click.testing import CliRunner
from pydantic import BaseModel

from store.ledger.line import new_id
from store.queries.export_records import waiting_exports
from store.writer.export_records import MAX_RECORDS, record_export
from sync import protocol
from sync.admin_protocol import AUDIT, EXPORTS
from sync.central.admin import admin
from sync.exceptions import CentralUnreachable
from sync.protocol.calls import AnswerT
from tests.sync.central_fixture import Central
from tests.sync.laptops import ForwardingCentral, Laptop, bureau, standalone_home, through
from tui.cli.commands.backup import backup
from tui.cli.commands.dump import dump
from tui.cli.commands.issue_list import list_ as list_issues
from tui.cli.commands.reports import report
from tui.cli.groups import CommandContext
from tui.cli.output import OutputFormat


def told(at: Central) -> list[tuple[object, ...]]:
    """The exports of the audit: who, what, kind of file, rows."""
    entries = [entry for entry in admin.audit_page(at.data_dir) if entry["action"] == "export"]
    details = [(entry["name"], entry["detail"] or {}) for entry in entries]
    return [(name, detail["what"], detail["file_kind"], detail["rows"]) for name, detail in details]


def export(laptop: Laptop, what: str, file_kind: str = "csv", rows: int = 1) -> None:
    """Keep the record of an export."""
    with laptop.open() as device:
        assert record_export(device.ledger.database, device.now_ms, what, file_kind, rows)


def waiting(laptop: Laptop) -> Sequence[str]:
    """What waits of the laptop's person."""
    person = laptop.meta()["person"]
    with laptop.open() as device:
        return [each.what for each in waiting_exports(device.ledger.database.connection(), person, MAX_RECORDS)]


def test_what_commands_write_is_told_with_the_next_round(laptop: Laptop, at: Central, tmp_path: Path) -> None:
    """A report, a dump, a copy of the ledger and its key are in the audit after a round, with what, kind and rows, and
    can be filtered; a list that was printed is no export; neither the file's name nor what is in it is told. The next
    round tells nothing again."""
    runner = CliRunner(env={"GUANJIA_CREDENTIALS": "file"})
    run = CommandContext(home=laptop.home.path, output_format=OutputFormat.JSON)
    runs: tuple[tuple[click.Command, list[str]], ...] = (
        (report, ["issue-ledger", "--out", str(tmp_path / "机密名称.csv")]),
        (list_issues, []),
        (dump, []),
        (backup, [str(tmp_path / "copy.db"), "--key-file", str(tmp_path / "key")]),
    )
    ended = [runner.invoke(command, arguments, obj=run, catch_exceptions=False) for command, arguments in runs]
    assert [each.exit_code for each in ended] == [0, 0, 0, 0]
    dumped = len(json.loads(ended[2].stdout))
    assert told(at) == []
    assert EXPORTS in through(laptop)[1]
    exports = told(at)
    assert [each[:3] for each in exports] == [
        ("张甲", "issue-ledger", "csv"), ("张甲", "dump", "json"),
        ("张甲", "backup", "db"), ("张甲", "ledger-key", "key"),
    ]  # fmt: skip
    assert [each[3] for each in exports] == [0, dumped, dumped, 1]
    assert through(laptop)[1] == ["hello"]
    assert "机密" not in json.dumps([entry["detail"] for entry in admin.audit_page(at.data_dir)], ensure_ascii=False)
    boss = at.enrol("局长")
    for question, count in (({"action": "export"}, 4), ({"what": "dump"}, 1), ({"file_kind": "csv"}, 1)):
        assert len(boss.ask(AUDIT, {**question, "account": "张甲"})["entries"]) == count
    assert boss.ask(AUDIT, {"what": "dump", "file_kind": "csv"})["entries"] == []


class LosesTheAnswer(ForwardingCentral):
    """The central takes what it is told, and its answer is lost."""

    async def ask(self, path: str, request: BaseModel, model: type[AnswerT]) -> AnswerT:
        """As `Central` has it."""
        await super().ask(path, request, model)
        raise CentralUnreachable(central="", detail="lost")


class TakesNone(ForwardingCentral):
    """A central of an older version."""

    async def hello(self, request: protocol.HelloRequest) -> protocol.HelloAnswer:
        """As `Central` has it."""
        return (await super().hello(request)).model_copy(update={"exports": False})


def test_each_is_told_once_and_waits_for_who_takes_it(laptop: Laptop, at: Central) -> None:
    """A lost answer makes no second entry; an older central is not asked, and the record waits."""
    export(laptop, "dump", rows=7)
    assert through(laptop, TakesNone)[1] == ["hello"]
    assert waiting(laptop) == ["dump"]
    through(laptop, LosesTheAnswer)
    assert waiting(laptop) == ["dump"]
    laptop.sync()
    assert (waiting(laptop), told(at)) == ([], [("张甲", "dump", "csv", 7)])


def test_nobody_tells_an_export_of_somebody_else(laptop: Laptop, at: Central) -> None:
    """Whatever is sent, the entry is of the token's person and device; what is no record is refused."""
    stranger = at.enrol("生人", "butler")
    asked = {"id": new_id(), "at": 0, "what": "dump", "file_kind": "csv", "rows": 1}
    forged = {"person_id": laptop.meta()["person"], "account": "张甲", "device": laptop.meta()["device"]}
    stranger.ask(EXPORTS, {"exports": [asked | forged, asked]})
    stranger.ask(EXPORTS, {"exports": [asked]})
    assert told(at) == [("生人", "dump", "csv", 1)]
    for wrong in ({"rows": -1}, {"what": "a b"}, {"what": "x" * 65}, {"id": "1"}, {"rows": 1 << 50}):
        assert stranger.post(EXPORTS, {"exports": [asked | wrong]}).status_code == 422
    assert stranger.post(EXPORTS, {"exports": [asked | {"id": new_id()} for _ in range(201)]}).status_code == 422
    assert len(told(at)) == 1


def test_a_home_that_was_somebody_elses_tells_its_owners_only(at: Central, tmp_path: Path) -> None:
    """What somebody exported before the home became another person's is told under nobody else's name."""
    home = standalone_home(tmp_path / "h", "前任")
    export(home, "before")
    boss = bureau(tmp_path / "b", at)
    with home.open() as device:
        device.ledger.change_person(boss.meta()["person"], "后任")
    export(home, "after")
    assert waiting(home) == ["after"]


def test_the_latest_are_kept_where_nobody_takes_them(laptop: Laptop) -> None:
    """Without a central the records are bounded."""
    with laptop.open() as device:
        row = "INSERT INTO export_record WITH n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        with device.ledger.database.write() as connection:
            connection.execute(f"{row} SELECT 'old' || i, i, 'p', 'old', 'csv', 0 FROM n", (MAX_RECORDS,))
    export(laptop, "new")
    counted = laptop.rows("SELECT count(*), min(at), max(what = 'new') FROM export_record")
    assert counted == [(MAX_RECORDS, 2, 1)]
