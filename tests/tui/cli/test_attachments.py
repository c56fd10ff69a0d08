"""``guanjia attach`` and ``guanjia attachment``: what scripts and people rely on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sync.central_fixture import running_central
from tests.sync.laptops import bureau, project, visit
from tests.tui.cli.conftest import CommandLine

PAPER = b"%PDF-1.7 an agreement"


def test_a_file_is_attached_saved_backed_up_and_never_overwritten(imported: CommandLine, tmp_path: Path) -> None:
    """What is attached can be listed, and saved to a place where nothing is; it is in a backup, and a file that goes
    missing is told by the doctor by name."""
    (tmp_path / "协议.pdf").write_bytes(PAPER)
    (made,) = imported.json("attach", "续1", str(tmp_path / "协议.pdf"), "--words", "用地协议")
    assert {name: made[name] for name in ("name", "type", "bytes", "here", "sent", "words")} == {
        "name": "协议.pdf", "type": "application/pdf", "bytes": len(PAPER), "here": True, "sent": False,
        "words": "用地协议",
    }  # fmt: skip
    assert imported.json("attachment", "list", "续1") == [made]
    out = tmp_path / "out.pdf"
    imported.run("attachment", "save", "协议.pdf", "--out", str(out))
    assert out.read_bytes() == PAPER
    assert imported.run("attachment", "save", "协议.pdf", "--out", str(out), "--json", code=1).error["code"]
    imported.run("backup", str(tmp_path / "copy.db"))
    folder = imported.home / "ledger.attachments"
    (file,) = folder.iterdir()
    file.unlink()
    checks = {check["check"]: check for check in imported.json("doctor", code=3)}
    assert not checks["attachments"]["ok"] and "协议.pdf" in checks["attachments"]["detail"]
    away = imported.run("attachment", "open", made["id"], "--json", code=1)
    assert away.error["code"] == "no_terminal" and not (imported.home / "viewing").exists()
    missing = imported.run("attachment", "save", made["id"], "--out", str(tmp_path / "no.pdf"), "--json", code=1)
    assert missing.error["code"] == "attachment_not_here"
    imported.run("restore-backup", str(tmp_path / "copy.db"))
    (tmp_path / "papers").mkdir()
    imported.run("attachment", "save", "协议.pdf", "--out", str(tmp_path / "papers"))
    assert (tmp_path / "papers" / "协议.pdf").read_bytes() == PAPER


@pytest.mark.parametrize("content", [b"MZ\x90\x00 a program", b"", b"#!/bin/sh\n"])
def test_what_is_no_paper_is_refused_with_a_sentence(imported: CommandLine, tmp_path: Path, content: bytes) -> None:
    """A program by whatever name, and an empty file, are refused; nothing is written."""
    (tmp_path / "图.jpg").write_bytes(content)
    refused = imported.run("attach", "续1", str(tmp_path / "图.jpg"), "--json", code=1)
    assert refused.value == [] and "图.jpg" in refused.error["what"]
    assert imported.json("attachment", "list") == []


def test_settling_without_the_required_file_is_refused_and_with_it_done(lone: CommandLine, tmp_path: Path) -> None:
    """Where the district's rule asks for a file, the refusal says how many are needed and writes nothing; ``--file``
    brings it, and the issue ledger counts it."""
    (tmp_path / "证明.pdf").write_bytes(PAPER)
    lone.run("project", "add", "--name", "供水", "--number", "续1", "--category", "continuing")
    lone.run("file-rule", "add", "--act", "settled", "--count", "1", "--valid-from", "2020-01-01")
    issue = lone.json("issue", "add", "--project", "续1", "--title", "缺水", "--department", "水务局", "--new")[
        "number"
    ]
    lone.run("issue", "assign", issue, "--owner", "丁水", "--due", "+3", "--new")
    lone.run("issue", "accept", issue)
    settle = ("issue", "settle", issue, "--measure", "接通", "--evidence", "证明")
    refused = lone.run(*settle, "--json", code=1)
    assert refused.error["code"] == "files_required" and lone.json("issue", "show", issue)["state"] == "in_progress"
    assert lone.json(*settle, "--file", str(tmp_path / "证明.pdf"))["state"] == "settled"
    lone.run("report", "issue-ledger", "--out", str(tmp_path / "问题.json"))
    assert '"files":1}' in (tmp_path / "问题.json").read_text("utf-8")


def test_a_round_ends_well_where_attached_files_cannot_travel(here: CommandLine, tmp_path: Path) -> None:
    """Where the folder of attached files cannot be read, ``guanjia sync`` exchanges all records and says which folder
    keeps the files; a person should look, so it exits 3."""
    with running_central(tmp_path) as at:
        laptop = bureau(here.home, at)
        of = project(laptop)
        (tmp_path / "协议.pdf").write_bytes(PAPER)
        here.run("attach", "示范项目", str(tmp_path / "协议.pdf"))
        folder = here.home / "ledger.attachments"
        folder.rename(tmp_path / "away")
        folder.write_bytes(b"in the way")
        told = here.json("sync", code=3)
        assert (told["in_agreement"], told["files_failure"]) == (True, "file_failure")
        visit(laptop, of)
        said = here.run("sync", code=3)
        assert "All records were exchanged" in said.err and str(folder) in said.err and not laptop.waits().lines
        folder.unlink()
        (tmp_path / "away").rename(folder)
        assert "files_failure" not in here.json("sync")
    assert not here.json("attachment", "queue")["waiting"]
