"""``guanjia evidence`` and ``guanjia verify``: the package of an issue and of a project, and what its check says."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.pictures import jpeg
from tests.sync.central_fixture import Central, running_central
from tests.sync.laptops import bureau
from tests.tui.cli.conftest import CommandLine

PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Central]:
    """A central."""
    with running_central(tmp_path) as running:
        yield running


@pytest.fixture
def joined(here: CommandLine, tmp_path: Path, at: Central) -> CommandLine:
    """A command line of the bureau with an issue, two versions of it, a step and a paper, all synced."""
    bureau(here.home, at)
    here.run("project", "add", "--name", "风电场", "--number", "续1", "--category", "continuing")
    number = here.json("issue", "add", "--project", "续1", "--title", "缺电", "--due", "+2")["number"]
    here.run("sync")
    here.run("issue", "edit", number, "--title", "缺水又缺电")
    (tmp_path / "协议.pdf").write_bytes(PAPER)
    here.run("attach", number, str(tmp_path / "协议.pdf"))
    here.run("sync")
    return here


def issue_of(line: CommandLine) -> str:
    """The number of the only issue."""
    return str(line.json("issue", "list")[0]["number"])


@pytest.mark.proves("R50")
def test_an_issues_package_proves_itself(joined: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package has every version with its proof, and the paper; the check needs no home and no network, says what it
    proves and what not, and tells another key from the central's; a file that is there is not overwritten."""
    out = tmp_path / "缺电.zip"
    made = joined.json("evidence", issue_of(joined), "--out", str(out))
    assert made["sealed"] and made["proven"] == made["versions"] >= 5
    assert (made["documents"], made["missing"]) == (1, 0)
    taken = joined.run("evidence", issue_of(joined), "--out", str(out), "--json", code=1)
    assert taken.error["code"] == "file_exists"
    with zipfile.ZipFile(out) as package:
        assert package.testzip() is None
        paper = next(name for name in package.namelist() if name.startswith("documents/"))
        assert package.read(paper) == PAPER
        face = package.read("description/face.html").decode()
        description = ElementTree.fromstring(package.read("description/package.xml"))
    assert "缺水又缺电" in face and "缺电" in face and hashlib.sha256(PAPER).hexdigest() in face
    assert description.findtext("被签名对象/封装内容/文件实体块/文件实体/题名") == "缺水又缺电"
    monkeypatch.setenv("GUANJIA_HOME", str(tmp_path / "nowhere"))
    checked = joined.json("verify", str(out))
    assert (checked["whole"], checked["proven"], checked["title"]) == (True, made["proven"], "缺水又缺电")
    assert [finding["code"] for finding in checked["findings"]] == ["key_to_compare"]
    assert joined.json("verify", str(out), "--key", checked["key"])["findings"] == []
    assert "does not prove" in joined.run("verify", str(out)).out
    other = joined.json("verify", str(out), "--key", "0" * 16, code=1)
    assert [finding["code"] for finding in other["findings"]] == ["other_key"]
    assert not (tmp_path / "nowhere").exists()


def test_a_package_says_where_the_original_is_not_in_it(joined: CommandLine, tmp_path: Path) -> None:
    """Where only the small picture is on the device, making the package, its page and its check say so; with the
    original they do not."""
    photo = tmp_path / "接火点.jpg"
    photo.write_bytes(jpeg(320, 240))
    number = issue_of(joined)
    joined.run("attach", number, str(photo))
    joined.run("sync")
    for is_here in (True, False):
        out = tmp_path / f"{is_here}.zip"
        made = joined.json("evidence", number, "--out", str(out), code=0 if is_here else 3)
        assert (made["sealed"], made["copies"]) == (True, 0 if is_here else 1)
        told = [each["about"] for each in joined.json("verify", str(out))["findings"] if each["code"] == "small_copy"]
        assert told == ([] if is_here else [photo.name])
        with zipfile.ZipFile(out) as package:
            face = package.read("description/face.html").decode()
        assert ("not the original" in face) != is_here
        joined.run("attachment", "let-go")


def test_the_same_story_makes_the_same_parts(joined: CommandLine, tmp_path: Path) -> None:
    """Two packages of one story have the same versions, proofs and documents byte for byte."""
    contents = []
    for name in ("one.zip", "two.zip"):
        joined.run("evidence", issue_of(joined), "--out", str(tmp_path / name))
        with zipfile.ZipFile(tmp_path / name) as package:
            parts = [each for each in package.namelist() if each.startswith(("documents/", "metadata/"))]
            contents.append({each: package.read(each) for each in parts})
    assert contents[0] == contents[1]


def test_without_the_central_it_says_that_nobody_sealed_it(joined: CommandLine, tmp_path: Path, at: Central) -> None:
    """A package that is made without the central has what the device has and the heads that it keeps; making it and its
    check both say that it is not sealed."""
    joined.run("settings", "set", "central", "http://127.0.0.1:9")
    out = tmp_path / "alone.zip"
    made = joined.json("evidence", issue_of(joined), "--out", str(out), code=3)
    assert (made["sealed"], made["proven"], made["documents"]) == (False, 0, 1)
    checked = joined.json("verify", str(out), code=1)
    codes = [finding["code"] for finding in checked["findings"] if finding["severity"] == "fault"]
    assert (checked["whole"], codes) == (False, ["unsealed"])
    with zipfile.ZipFile(out) as package:
        assert json.loads(package.read("metadata/log.json"))["kept"]


def test_a_projects_package_is_for_the_archive(joined: CommandLine, tmp_path: Path, at: Central) -> None:
    """A whole project's package has its issues, visits and papers, in folders of description, documents and metadata;
    the audit has that it was made, once."""
    joined.run("visit", "add", "--project", "续1", "--how", "visit", "--text", "看了基础")
    joined.run("sync")
    out = tmp_path / "project.zip"
    made = joined.json("evidence", "--project", "续1", "--out", str(out))
    assert made["sealed"] and made["subject"] == "project"
    assert joined.json("verify", str(out))["whole"]
    with zipfile.ZipFile(out) as package:
        versions = [json.loads(row) for row in package.read("metadata/versions.jsonl").splitlines()]
        folders = {name.partition("/")[0] for name in package.namelist() if "/" in name}
    assert {"project", "issue", "visit", "attachment"} <= {row["line"]["kind"] for row in versions}
    assert folders == {"description", "documents", "metadata"}
    audit = [entry for entry in joined.json("admin", "audit") if entry["action"] == "export"]
    assert [entry["detail"]["what"] for entry in audit] == ["evidence"]
