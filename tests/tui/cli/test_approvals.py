"""``guanjia approvals`` and the sheet of a meeting that was held, on the command line."""

from __future__ import annotations

from store.home.credentials import open_credentials
from store.home.paths import Home
from store.writer.upgrade import open_store
from tests.tui.cli.conftest import CommandLine

PROJECT = ("--project", "续1")


def settled(here: CommandLine) -> str:
    """An issue that was assigned, accepted and settled; gives its id."""
    issue: str = here.json(
        "issue", "add", *PROJECT, "--title", "缺电", "--department", "供电公司", "--owner", "丁一", "--due", "+3"
    )["id"]
    for act in (("assign",), ("accept",), ("settle", "--measure", "接通", "--evidence", "验收单")):
        here.run("issue", act[0], issue, *act[1:])
    return issue


def test_what_others_settled_waits_with_the_versions_to_be_read(imported: CommandLine) -> None:
    """One's own settlement is for a colleague; another's is listed with its measure, and approving empties the list."""
    issue = settled(imported)
    assert imported.json("approvals") == []
    home = Home(imported.home)
    database = open_store(home.database, open_credentials(home, "file").key())
    with database.write() as connection:
        for table in ("issue", "issue_step"):
            connection.execute(f"UPDATE {table} SET author_id = 'somebody'")
    database.close()
    (row,) = imported.json("approvals")
    assert (row["id"], row["measure"], row["returned"]) == (issue, "接通", 0)
    assert row["read"][0]["id"] == issue
    assert "接通" in imported.run("approvals").out
    imported.run("issue", "approve", issue)
    assert imported.json("approvals") == []


def test_an_issue_tells_which_limits_run(imported: CommandLine) -> None:
    """While it is under way its due date runs; settled, nothing does."""
    issue = imported.json(
        "issue", "add", *PROJECT, "--title", "缺水", "--department", "水务局", "--owner", "丁一", "--due", "+3"
    )["id"]
    imported.run("issue", "assign", issue)
    shown = imported.json("issue", "show", issue)["clocks"]
    assert (shown[0]["name"], shown[0]["left"], shown[0]["over"]) == ("due", 3, False)
    assert "3 working days left" in imported.run("issue", "show", issue).out
    assert imported.json("issue", "show", settled(imported))["clocks"] == []


def test_the_sheet_of_a_meeting_holds_what_it_discussed(imported: CommandLine) -> None:
    """Only its issues, with what was decided on each; another open issue is not there."""
    issue = settled(imported)
    other = imported.json("issue", "add", *PROJECT, "--title", "缺路", "--department", "供电公司")["id"]
    met = imported.json("meeting", "add", "--level", "1", "--issues", issue, "--text", "三日内接电")
    file = imported.home.parent / "sheet.json"
    assert imported.json("report", "meeting-sheet", "--meeting", met["id"], "--out", str(file))["rows"] == 1
    assert "缺电" in file.read_text("utf-8")
    assert "缺路" not in file.read_text("utf-8")
    assert other != issue
