"""What commands print as JSON has the keys of the contract, and its values say what was typed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from store.commands.issues import VERBS
from store.home.setting_table import ALL_SETTINGS
from tests.tui.cli.conftest import DISTRICT, SAMPLE, CommandLine

PROJECT_KEYS = {
    "id", "number", "name", "category", "stage", "lead_leader", "butler", "enterprise_contact", "open_issues",
    "last_contact", "light", "missing",
}  # fmt: skip
ISSUE_KEYS = {"id", "number", "title", "state", "level", "light", "department", "owner", "due", "steps"}
STATUS_KEYS = {
    "person", "district", "device", "lines", "pending", "rejected", "cursor", "last_round", "verified_at",
    "clock_offset_ms", "daemon", "central",
}  # fmt: skip
VERSION_KEYS = {"version", "stamp", "at", "author", "device", "reason", "current", "body"}
LINE_KEYS = {"kind", "id", "project", "stamp", "device", "author", "deleted", "body"}


def with_issue(here: CommandLine, *more: str) -> dict[str, Any]:
    """A recorded issue of the sample's first project."""
    typed = ("issue", "add", "--project", "续1", "--title", "临时用电没有批下来", "--kind", "problem", *more)
    found: dict[str, Any] = here.json(*typed)
    return found


def test_init_says_who_and_where(here: CommandLine) -> None:
    """``init`` gives person, device and district, and makes a home that only its owner can enter."""
    made = here.json("init", *DISTRICT, "--name", "乙卫东", "--role", "butler")
    assert made.keys() >= {"person", "device", "district"}
    assert made["district"] == "210903"
    assert here.home.stat().st_mode & 0o077 == 0


def test_init_never_overwrites(lone: CommandLine) -> None:
    """A second ``init`` on a home is refused with exit 1 and changes nothing."""
    before = lone.run("dump").out
    assert lone.run("init", *DISTRICT, "--name", "另一人", "--json", code=1).error["code"] == "home_exists"
    assert lone.run("dump").out == before


def test_status_of_a_lone_home(lone: CommandLine) -> None:
    """``status`` has the contract's keys; a lone home has its person's line unsent and no daemon."""
    found = lone.json("status")
    assert found.keys() >= STATUS_KEYS
    assert (found["lines"], found["pending"], found["rejected"], found["central"]) == (1, 1, 0, None)
    assert found["daemon"]["running"] is False


def test_import_reports_what_it_found(lone: CommandLine) -> None:
    """``import`` gives sections, projects, people and warnings; the sample has 9 projects though it declares 20."""
    found = lone.json("import", str(SAMPLE), code=3)
    assert found.keys() == {"sections", "projects", "people", "warnings", "rows", "columns", "written"}
    assert found["written"]
    assert [(part["declared"], part["found"]) for part in found["sections"]] == [(20, 9)]
    assert found["projects"] == {"added": 9, "updated": 0, "unchanged": 0}
    assert all(warning.keys() == {"row", "column", "code", "text"} for warning in found["warnings"])
    assert "count_differs" in {warning["code"] for warning in found["warnings"]}


def test_importing_twice_changes_nothing(imported: CommandLine) -> None:
    """A second import, and a rehearsal, leave every line as it is."""
    before = imported.run("dump").out
    rehearsed = imported.json("import", str(SAMPLE), "--dry-run", code=3)
    assert (rehearsed["projects"]["unchanged"], rehearsed["written"]) == (9, False)
    assert {row["verdict"] for row in rehearsed["rows"]} == {"same"}
    again = imported.json("import", str(SAMPLE), code=3)
    assert again["projects"] == {"added": 0, "updated": 0, "unchanged": 9}
    assert imported.run("dump").out == before


def test_what_is_no_table_is_refused(lone: CommandLine, tmp_path: Path) -> None:
    """A file that is missing or no responsibility table exits 1, and nothing is written."""
    before = lone.run("dump").out
    (tmp_path / "x.txt").write_text("nothing of the kind")
    for name in ("x.txt", "missing.xlsx"):
        lone.run("import", str(tmp_path / name), code=1)
    assert lone.run("dump").out == before


def test_project_list_and_show(imported: CommandLine) -> None:
    """``project list`` and ``show`` have the contract's keys; a project is named by number, name, part of it or id."""
    listed = imported.json("project", "list")
    assert len(listed) == 9
    assert all(row.keys() >= PROJECT_KEYS for row in listed)
    first = listed[0]
    for name in (first["id"], first["number"], first["name"], "煤制天然气"):
        shown = imported.json("project", "show", name)
        assert shown["id"] == first["id"]
        assert shown.keys() >= PROJECT_KEYS | {"people"}


def test_phones_are_shown_and_kept_apart(imported: CommandLine) -> None:
    """A project's people come with their phones, in JSON and for people; the lines of the people hold none."""
    people = imported.json("project", "show", "续5")["people"]
    assert {one["name"]: one["phone"] for one in people}["丑宁"] == "19900000012"
    assert "19900000012" in imported.run("project", "show", "续5").out
    lines = list(map(json.loads, imported.run("dump", "--ndjson").out.splitlines()))
    holding = {line["kind"] for line in lines if "19900000012" in json.dumps(line["body"])}
    assert holding == {"contact"}


def test_an_ambiguous_name_lists_the_candidates(imported: CommandLine) -> None:
    """A name that several projects have in common exits 1 and names them; an unknown one says what is alike."""
    result = imported.run("project", "show", "昊瑞", code=0)
    assert "昊瑞" in result.out
    refused = imported.run("project", "show", "新邱区", "--json", code=1).error
    assert refused["code"] == "name_ambiguous"
    assert "续2" in refused["what"]
    assert imported.run("visit", "list", "--project", "没有的", "--json", code=1).error["code"] == "name_unknown"


def test_project_add_edit_adjust(imported: CommandLine) -> None:
    """A project can be put on the list, changed and taken off; it is never deleted."""
    made = imported.json("project", "add", "--name", "新项目", "--butler", "丑宁", "--reason", "投资过亿")
    assert made["butler"] == "丑宁"
    assert made["category"] == "new"
    edited = imported.json("project", "edit", made["number"], "--stage", "building", "--lead-leader", "子岚")
    assert (edited["stage"], edited["lead_leader"]) == ("building", "子岚")
    gone = imported.json("project", "adjust", made["id"], "--act", "removed", "--reason", "已竣工")
    assert [entry["act"] for entry in gone["adjustments"]] == ["added", "removed"]
    assert made["id"] not in {row["id"] for row in imported.json("project", "list")}
    assert made["id"] in {row["id"] for row in imported.json("project", "list", "--all")}


def test_projects_are_listed_by_filters_and_in_another_order(imported: CommandLine) -> None:
    """What the panel of the screen asks, options ask: category, what is lacking, whose, and the order."""
    every = imported.json("project", "list")
    new = imported.json("project", "list", "--category", "new")
    assert {row["id"] for row in new} == {row["id"] for row in every if row["category"] == "new"}
    lacking = imported.json("project", "list", "--lacks", "any")
    assert [row["id"] for row in lacking] == [row["id"] for row in every if row["missing"]]
    assert imported.json("project", "list", "--light", "red", "--silent", "--mine") == []
    imported.json("visit", "add", "--project", every[0]["number"], "--text", "现场")
    assert imported.json("project", "list", "--sort", "contact")[-1]["id"] == every[0]["id"]


def test_visits(imported: CommandLine) -> None:
    """A visit is logged as typed, shown, listed newest first and corrected."""
    typed = (
        "--at",
        "2026-03-05 14:30",
        "--yes",
        "--place",
        "工地",
        "--how",
        "discussion",
        "--who",
        "丑宁;寅青",
        "--text",
        "塔吊已进场",
    )
    made = imported.json("visit", "add", "--project", "续5", *typed)
    assert made["at"] == "2026-03-05T14:30+08:00"
    assert made["participants"] == ["丑宁", "寅青"]
    later = imported.json("visit", "add", "--project", "续5", "--at", "2026-03-06", "--yes", "--text", "复访")
    assert [row["id"] for row in imported.json("visit", "list", "--project", "续5")] == [later["id"], made["id"]]
    assert [row["id"] for row in imported.json("visit", "list", "--until", "2026-03-05")] == [made["id"]]
    changed = imported.json("visit", "edit", made["id"], "--place", "")
    assert changed["place"] is None
    assert imported.json("visit", "show", made["id"]) == changed


def test_a_visit_raises_issues_and_moves_others_on(imported: CommandLine) -> None:
    """With --raise and --move the visit, the new issue and the step on another are written together; what is not of
    the form ISSUE=TEXT is wrong usage, and nothing is written."""
    known = imported.json("issue", "add", "--project", "续5", "--title", "供电未通", "--department", "供电公司")
    imported.json("issue", "assign", known["id"], "--owner", "丑宁", "--due", "+3")
    imported.json("issue", "accept", known["id"])
    imported.run("visit", "add", "--project", "续5", "--text", "现场", "--move", known["number"], code=2)
    assert imported.json("visit", "list") == []
    moved = f"{known['number']}=已踏勘"
    made = imported.json("visit", "add", "--project", "续5", "--text", "现场", "--raise", "道路未通", "--move", moved)
    assert [one["title"] for one in made["issues_raised"]] == ["道路未通"]
    assert [one["id"] for one in made["issues_moved"]] == [known["id"]]
    assert imported.json("issue", "show", known["id"])["steps"][-1]["text"] == "已踏勘"


def test_a_time_that_cannot_be_read_is_wrong_usage(imported: CommandLine) -> None:
    """A bad time exits 2 and nothing is logged."""
    assert (
        imported.run("visit", "add", "--project", "续1", "--at", "昨儿", "--json", code=2).error["code"] == "bad_time"
    )
    assert imported.json("visit", "list") == []


def test_issues(imported: CommandLine) -> None:
    """An issue has the contract's keys wherever it is printed; its number names it."""
    made = with_issue(
        imported, "--category", "utilities", "--due", "2026-03-05", "--owner", "卯金海", "--text", "等供电公司"
    )
    assert made.keys() >= ISSUE_KEYS
    assert (made["state"], made["due"], made["owner"]) == ("open", "2026-03-05", "卯金海")
    assert [step["act"] for step in made["steps"]] == ["recorded"]
    assert imported.json("issue", "show", made["number"]) == made
    listed = imported.json("issue", "list", "--state", "open", "--project", "续1")
    assert [row["id"] for row in listed] == [made["id"]]
    assert listed[0].keys() >= ISSUE_KEYS
    assert imported.json("issue", "list", "--state", "closed") == []
    assert imported.json("issue", "edit", made["id"], "--title", "临时用电")["title"] == "临时用电"


LIFE = (
    (("assign", "--department", "供电公司", "--owner", "卯金海", "--due", "+3"), "assigned"),
    (("dispute", "--reason", "不归我们管"), "open"),
    (("assign",), "assigned"),
    (("accept",), "in_progress"),
    (("progress", "--text", "已受理"), "in_progress"),
    (("wait", "--reason", "等材料", "--until", "2030-01-04"), "waiting"),
    (("extend", "--due", "2030-01-04", "--yes", "--reason", "等材料"), "waiting"),
    (("escalate", "--reason", "解决不了", "--to", "2"), "escalated"),
    (("resolve", "--text", "会议决定先接临时线"), "in_progress"),
    (("settle", "--measure", "接了临时线", "--evidence", "照片"), "settled"),
    (("reject", "--reason", "企业不认可"), "in_progress"),
    (("settle", "--measure", "接了正式线", "--evidence", "照片"), "settled"),
    (("confirm",), "pending_approval"),
    (("return", "--reason", "缺证明"), "in_progress"),
    (("remind", "--text", "请尽快"), "in_progress"),
    (("supervise", "--text", "督查发现"), "in_progress"),
    (("tell", "--text", "已告知企业"), "in_progress"),
)


def test_the_life_of_an_issue(imported: CommandLine) -> None:
    """Every act is a command that leads where the life table says; each is one more step, told in words."""
    issue = with_issue(imported)
    for count, (typed, state) in enumerate(LIFE, 2):
        issue = imported.json("issue", typed[0], issue["number"], *typed[1:])
        assert (typed, issue["state"]) == (typed, state)
        assert len(issue["steps"]) == count
    assert issue["level"] == 2
    shown = imported.run("issue", "show", issue["number"]).out
    assert "2 lead leader · 解决不了" in shown


def test_acts_that_end_an_issue(imported: CommandLine) -> None:
    """Cancelling ends an open issue; approving is refused to who settled; reopening needs a closed issue."""
    issue = with_issue(imported)
    assert imported.json("issue", "cancel", issue["id"], "--reason", "重复")["state"] == "cancelled"
    assert imported.run(
        "issue", "reopen", issue["id"], "--cause", "supervision", "--reason", "x", "--json", code=1
    ).error["code"] == ("not_now")
    other = with_issue(imported)
    for typed in (LIFE[0][0], ("accept",), ("settle", "--measure", "m", "--evidence", "e")):
        imported.run("issue", typed[0], other["number"], *typed[1:])
    assert imported.run("issue", "approve", other["number"], "--json", code=1).error["code"] == "own_approval"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_a_command_with_its_options(here: CommandLine, verb: str) -> None:
    """Each act of the contract exists and takes the options that the contract gives it."""
    spelling = {"level": "--to", "merged_into": "--merged-into", "waiting_for": "--waiting-for"}
    text = here.run("issue", verb, "--help").out
    fields = (*VERBS[verb].needs, *VERBS[verb].takes)
    assert [field for field in fields if spelling.get(field, f"--{field}") not in text] == []


def test_history_and_restore(imported: CommandLine) -> None:
    """``history`` lists every version with its fate; ``restore`` makes an old one current as a new version. Codes are
    words in it, ids names."""
    made = imported.json("visit", "add", "--project", "续1", "--text", "一")
    imported.run("visit", "edit", made["id"], "--text", "二")
    versions = imported.json("history", made["id"])
    assert all(version.keys() >= VERSION_KEYS for version in versions)
    assert [(v["version"], v["reason"], v["current"], v["body"]["text"]) for v in versions] == [
        (1, "edited", False, "一"),
        (2, None, True, "二"),
    ]
    after = imported.json("restore", made["id"], "--version", "1")
    assert [(v["current"], v["body"]["text"]) for v in after] == [(False, "一"), (False, "二"), (True, "一")]
    assert imported.json("visit", "show", made["id"])["text"] == "一"
    called = imported.json("visit", "add", "--project", "续1", "--how", "phone", "--who", "甲;乙", "--text", "三")
    told = "".join(imported.run("history", called["id"], "--lang", "zh").out.split())  # however it is folded
    assert "方式:电话" in told and "甲、乙" in told
    issue = imported.json("issue", "add", "--project", "续1", "--title", "缺电", "--department", "发改局")
    assert "责任部门:发改局" in "".join(imported.run("history", issue["id"], "--lang", "zh").out.split())
    imported.run("restore", made["id"], "--version", "9", code=1)
    imported.run("history", "01234567-89ab-7def-8123-456789abcdef", code=1)


def test_dump_prints_every_line_in_order(imported: CommandLine) -> None:
    """``dump`` is one line of JSON a ledger line, ordered by kind and id; ``--json`` gives the same as one array."""
    lines = [json.loads(line) for line in imported.run("dump").out.splitlines()]
    assert imported.run("dump", "--ndjson").out == imported.run("dump").out
    assert imported.json("dump") == lines
    assert all(line.keys() >= LINE_KEYS for line in lines)
    assert [(line["kind"], line["id"]) for line in lines] == sorted((line["kind"], line["id"]) for line in lines)
    assert len(lines) == imported.json("status")["lines"]


def test_ndjson_is_one_value_a_line(imported: CommandLine) -> None:
    """``--ndjson`` prints the items of a list one a line, not ASCII-escaped."""
    result = imported.run("project", "list", "--ndjson")
    assert [json.loads(line) for line in result.out.splitlines()] == imported.json("project", "list")
    assert "煤制天然气" in result.out


def test_rejected_of_a_clean_home(lone: CommandLine) -> None:
    """With nothing refused the list is empty and exit is 0; naming a line that was not refused exits 1."""
    assert lone.json("rejected") == lone.json("rejected", "list") == []
    assert lone.json("rejected", "retry") == lone.json("rejected", "retry", "all") == {"retried": 0}
    assert lone.json("rejected", "drop", "all") == lone.json("rejected", "drop", "全部") == {"dropped": 0}
    lone.run("rejected", "drop", "x", code=1)


def test_settings_say_where_values_come_from(lone: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting is printed with its value and origin: default, file, environment."""
    assert [row["name"] for row in lone.json("settings")] == [setting.name for setting in ALL_SETTINGS]
    lone.run("settings", "set", "sync_interval_s", "30")
    origin = {row["name"]: (row["value"], row["from"]) for row in lone.json("settings")}
    assert origin["sync_interval_s"] == (30, "settings.toml")
    assert origin["language"] == ("en", "GUANJIA_LANGUAGE")
    monkeypatch.setenv("GUANJIA_SYNC_INTERVAL_S", "20")
    origin = {row["name"]: (row["value"], row["from"]) for row in lone.json("settings")}
    assert origin["sync_interval_s"] == (20, "GUANJIA_SYNC_INTERVAL_S")
    assert origin["theme"][1] == "default"


def test_misspelt_settings(lone: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt name is wrong usage with a did-you-mean; one in the environment asks a person to look (exit 3)."""
    assert "language" in lone.run("settings", "set", "langage", "en", code=2).err
    monkeypatch.setenv("GUANJIA_CENTRAL_DATA", "x")
    assert lone.run("settings").err == ""
    monkeypatch.setenv("GUANJIA_LANGAUGE", "en")
    assert "GUANJIA_LANGUAGE" in lone.run("settings", code=3).err


def test_a_bad_line_in_the_settings_file_is_named_and_blocks_nothing(lone: CommandLine) -> None:
    """A byte order mark is no mistake. A bad line and a bad value ask a person to look (exit 3) and are named; every
    other command works as if they were not there. On the command line the same value is wrong (exit 2 or 1)."""
    file = lone.home / "settings.toml"
    file.write_bytes(b'\xef\xbb\xbflog_level = "debug"\r\n')
    assert lone.run("settings").err == ""
    file.write_bytes(b'\xef\xbb\xbflog_level = "debug"\r\nlive = perhaps\r\nsync_interval_s = 1\r\n')
    warned = lone.run("settings", code=3).err
    assert "Line 2" in warned and "Line 3" in warned
    assert lone.run("today").err == ""
    lone.run("settings", "set", "start", "issues", code=3)
    assert file.read_bytes().startswith(b'\xef\xbb\xbflog_level = "debug"\r\nlive = perhaps\r\n')


def test_stdout_is_data_and_nothing_else(imported: CommandLine) -> None:
    """Every reading command prints exactly one JSON value on stdout and nothing on stderr."""
    with_issue(imported)
    for typed in (
        "status",
        "project list",
        "visit list",
        "issue list",
        "rejected",
        "settings",
        "dump",
        "project show 续1",
    ):
        result = imported.run(*typed.split(), "--json")
        json.loads(result.out)
        assert result.err == ""


def test_dates_in_words(imported: CommandLine) -> None:
    """DATE options take words; 今天 is today's date in the district."""
    made = with_issue(imported, "--due", "今天")
    assert abs((date.fromisoformat(made["due"]) - date.today()).days) <= 1
