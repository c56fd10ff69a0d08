"""``guanjia person export`` and ``person erase`` as the bureau uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from store.db.database import Database
from store.domain.erasures import ERASED
from store.writer.scrubbing import SCRUB_FACT
from tests.sync.central_fixture import running_central
from tests.sync.laptops import bureau
from tests.tui.cli.conftest import CommandLine
from tui.cli.commands.personal_data import export
from tui.cli.groups import CommandContext
from tui.cli.output import OutputFormat

WHO, PHONE = "金丝雀", "19912345678"


def test_what_is_held_is_exported_and_then_erased(imported: CommandLine, tmp_path: Path) -> None:
    """The export has the records with every version, phones, drafts excluded, and where others name the person; a name
    alone is asked back, a reason that names the person is refused; afterwards name and phones are “已删除”, and what
    still names the person in words is told with exit code 3. A paper that names the
    person goes too, where that is asked for, under whatever name it is attached elsewhere: both are counted."""
    person = imported.json("person", "add", WHO, "--phone", PHONE, "--more-phone", "办公 0418-2812345")["id"]
    imported.run("person", "edit", person, "--title", "科长")
    spoken = ("--how", "visit", "--text", "谈供水", "--who", WHO)
    visit = imported.json("visit", "add", "--project", "续1", *spoken)["id"]
    out = tmp_path / "held.json"
    done = imported.json("person", "export", WHO, "--out", str(out))
    assert (done["file"], done["central"]) == (str(out), False)
    tables = json.loads(out.read_text("utf-8"))["tables"]
    assert [len(table["rows"]) for table in tables] == [4, 1, 0, 0, 0]
    assert tables[1]["rows"][0]["id"] == visit
    assert imported.run("person", "export", WHO, "--out", str(out), "--json", code=1).error["code"] == "file_exists"
    paper = tmp_path / f"{WHO}身份证.pdf"
    paper.write_bytes(b"%PDF-1.7")
    (file,) = imported.json("attach", visit, str(paper))
    (tmp_path / "材料.pdf").write_bytes(paper.read_bytes())
    imported.json("attach", "续1", str(tmp_path / "材料.pdf"))
    reason = ("--reason", "本人申请", "--files", "--json")
    assert imported.run("person", "erase", WHO, *reason, code=1).error["code"] == "erasure_unconfirmed"
    named = imported.run("person", "erase", person, "--reason", f"{PHONE}的机主申请", "--json", code=1).error
    assert named["code"] == "erasure_names_person"
    erased = json.loads(imported.run("person", "erase", person, *reason, code=3).out)
    assert (erased["people"], erased["lines"], erased["files"]) == ([person], 3, 2)
    assert [text["id"] for text in erased["texts"]] == [visit]
    assert imported.json("attachment", "show", file["id"])["name"] == ERASED and imported.json("bin", "list") == []
    assert list((imported.home / "ledger.attachments").iterdir()) == []
    again = imported.run("attachment", "erase", file["id"], "--reason", "再删", "--json", code=1).error
    assert again["code"] == "file_erased"
    shown = imported.json("person", "show", person)
    assert (shown["name"], shown["phones"], shown["title"]) == (ERASED, [ERASED], None)
    assert imported.json("find", PHONE) == []
    for change in (("edit", person, "--phone", PHONE), ("retire", person, "--back")):
        assert imported.run("person", *change, "--json", code=1).error["code"] == "person_erased"
    assert imported.run("restore", person, "--version", "1", "--json", code=1).error["code"] == "version_erased"
    assert imported.json("person", "doubles") == []
    require_scrub_check(imported)


def test_what_is_still_in_the_files_after_an_erasure_is_said(imported: CommandLine, tmp_path: Path) -> None:
    """A copy of before an upgrade that cannot be removed has it still, which is said; else nothing is."""
    paper = tmp_path / "a.pdf"
    erased = []
    for content in (b"%PDF-1.7", b"%PDF-1.6"):
        paper.write_bytes(content)
        (file,) = imported.json("attach", "续1", str(paper))
        erased.append(("attachment", "erase", file["id"], "--reason", "本人申请", "--yes"))
    said = "Parts are still in this device’s files"
    assert said not in imported.run(*erased[0]).err
    (imported.home / "ledger.db.before-0001").mkdir()
    assert said in imported.run(*erased[1]).err


def test_what_the_central_holds_is_exported_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much that is: the central tells it page by page, and the file has every version once."""
    monkeypatch.setenv("GUANJIA_CREDENTIALS", "file")
    out, times = tmp_path / "held.json", 11
    with running_central(tmp_path) as central:
        boss = bureau(tmp_path / "boss", central)
        with boss.open() as device:
            person = device.ledger.put("person", {"name": WHO, "note": "0"}).id
        boss.sync()
        for n in range(1, times):
            with boss.open() as device:
                device.ledger.edit("person", person, note=f"{n} " + "字" * 40_000)
            boss.sync()
        context = CommandContext(home=boss.home.path, output_format=OutputFormat.JSON)
        ended = CliRunner().invoke(export, [person, "--out", str(out)], obj=context)
    assert (ended.exit_code, ended.exception) == (0, None)
    held = json.loads(out.read_text("utf-8"))["tables"][-1]["rows"]
    assert sum(WHO in str(row) for row in held) == times


def require_scrub_check(home: CommandLine) -> None:
    """Where erased texts may still be in the files, the doctor says so once and removes them."""
    assert erased_check(home) is None
    key = bytes.fromhex((home.home / "credentials" / "key").read_text("utf-8"))
    ledger = Database(home.home / "ledger.db", key)
    with ledger.write() as connection:
        connection.execute("INSERT INTO meta (key, value) VALUES (?, '1')", (SCRUB_FACT,))
    ledger.close()
    assert erased_check(home) is True
    assert erased_check(home) is None


def erased_check(home: CommandLine) -> bool | None:
    """What the doctor says of files that may still have parts of what was erased; None where nothing is due."""
    return next((each["ok"] for each in home.json("doctor") if each["check"] == "erased"), None)
