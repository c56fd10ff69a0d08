"""What a role may not write is refused before anything is written: every command against the table of rights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import orjson
import pytest

from store.db.database import Database
from store.db.device_facts import DeviceFacts
from store.domain.permissions import ISSUE_STEP, verb_of
from store.home.credentials import open_credentials
from store.home.paths import resolve_home
from store.ledger.line import Line
from store.writer.exceptions import AttachingBeyondRole, BeyondRole
from store.writer.role_guard import require_role, roles_at_central
from store.writer.upgrade import open_store
from sync.central.accounts.scope import ROLES
from tests.sync.central.accounts.test_role_matrix import DONE, WRITTEN
from tests.tui.cli.conftest import SAMPLE, CommandLine
from tui.cli.root import guanjia

PROJECT = ("--project", "续1")
WHERE = ("--who", "甲;乙", "--text", "查看")
WRITING: dict[str, tuple[str, ...]] = {
    "visit add": (*PROJECT, *WHERE),
    "visit edit": ("VISIT", "--text", "看过"),
    "attach": ("VISIT", "PAPER"),
    "attachment describe": ("协议.pdf", "用地协议"),
    "attachment remove": ("协议.pdf",),
    "attachment erase": ("LINE", "--reason", "本人申请", "--yes"),
    "issue add": (*PROJECT, "--title", "缺电"),
    "issue edit": ("缺电", "--title", "缺电力"),
    "issue assign": ("缺电力", "--department", "供电局", "--owner", "卯金海", "--due", "+3"),
    "issue accept": ("缺电力",),
    "issue dispute": ("缺水", "--reason", "不归我们管"),
    "issue progress": ("缺电力", "--text", "已受理"),
    "issue wait": ("缺电力", "--reason", "等", "--until", "+3"),
    "issue extend": ("缺电力", "--reason", "等", "--due", "+4"),
    "issue ask-extension": ("缺电力", "--reason", "待批", "--due", "+30"),
    "issue refuse-extension": ("缺电力", "--reason", "不必"),
    "issue escalate": ("缺电力", "--reason", "难", "--to", "2"),
    "issue pass-on": ("缺电力", "--reason", "请主要领导定"),
    "issue resolve": ("缺电力", "--text", "先接临时线"),
    "issue opinion": ("缺电力", "--department", "供电局", "--text", "同意"),
    "issue settle": ("缺电力", "--measure", "接了", "--evidence", "照片"),
    "issue confirm": ("缺电力",),
    "issue return": ("缺电力", "--reason", "缺证明"),
    "issue reject": ("缺路", "--reason", "不认可"),
    "issue remind": ("缺电力", "--text", "请快"),
    "issue supervise": ("缺电力", "--text", "督查"),
    "issue tell": ("缺电力", "--text", "告知"),
    "issue cancel": ("缺水", "--reason", "误记"),
    "project add": ("--name", "新项目"),
    "project edit": ("续1", "--category", "new"),
    "project adjust": ("续1", "--act", "changed", "--reason", "更名"),
    "procedure add": (*PROJECT, "--code", "C1", "--name", "用地", "--status", "preparing"),
    "procedure edit": ("LINE", "--status", "submitted"),
    "procedure set": ("LINE", "--status", "supplementing", "--reason", "补件"),
    "procedure propose": PROJECT,
    "meeting add": (*PROJECT, "--level", "1", "--chair", "甲建国", "--text", "议"),
    "meeting edit": ("LINE", "--text", "议定"),
    "policy add": ("--title", "减税", "--text", "全文"),
    "policy edit": ("减税", "--title", "减税降费"),
    "policy deliver": ("减税降费", *PROJECT, "--act", "transmit"),
    "delivery add": (*PROJECT, "--policy", "减税降费", "--act", "interpret", "--at", "今天"),
    "delivery edit": ("LINE", "--at", "昨天"),
    "progress add": (*PROJECT, "--month", "2026-03", "--planned", "100", "--done", "10"),
    "progress edit": ("LINE", "--done", "20"),
    "statistics add": (*PROJECT, "--filing", "昨天"),
    "statistics edit": ("LINE", "--filing", "今天"),
    "statistics set": ("--project", "续2", "--filing", "今天"),
    "return add": (*PROJECT, "--period", "2026-03"),
    "return edit": ("LINE", "--returned", "今天"),
    "training add": ("--kind", "integrity", "--hours", "2", "--title", "廉政"),
    "training edit": ("LINE", "--hours", "3"),
    "evaluation add": ("--period", "2026", "--unit", "供电局", "--outcome", "none"),
    "evaluation edit": ("LINE", "--score", "90"),
    "time-rule add": (
        "--days",
        "10",
        "--counting",
        "workdays",
        "--start",
        "assigned",
        "--pauses",
        "none",
        "--valid-from",
        "2026-01-01",
    ),
    "time-rule edit": ("LINE", "--days", "8"),
    "file-rule add": ("--act", "confirmed", "--count", "1", "--valid-from", "2026-01-01"),
    "file-rule edit": ("LINE", "--count", "0"),
    "criterion add": ("--code", "A1", "--name", "走访", "--points", "10"),
    "criterion edit": ("LINE", "--points", "20"),
    "adoption add": ("--unit", "供电局", "--status", "set_up"),
    "adoption edit": ("LINE", "--status", "improving"),
    "adoption set": ("--unit", "水务局", "--status", "not_yet", "--new"),
    "follow-up add": ("--issue", "缺电力", "--satisfaction", "satisfied", "--how", "phone", "--at", "今天"),
    "follow-up edit": ("LINE", "--satisfaction", "不满意"),
    "person add": ("李四", "--phone", "13800000001", "--new"),
    "person edit": ("李四", "--title", "科长"),
    "person retire": ("李四", "--on", "今天"),
    "person distinct": ("李四", "卯金海"),
    "person merge": ("卯金海", "李四"),
    "person unmerge": ("李四",),
    "person erase": ("李四", "--reason", "本人申请", "--yes"),
    "unit add": ("审计局", "--new"),
    "unit edit": ("审计局", "--note", "新"),
    "unit retire": ("审计局", "--on", "今天"),
    "unit distinct": ("审计局", "供电局"),
    "unit merge": ("供电局", "审计局"),
    "unit unmerge": ("审计局",),
    "limit set": ("due_soon", "5"),
    "holiday import": ("HOLIDAYS",),
    "import": (str(SAMPLE),),
}
"""A command line for every command that writes lines, in an order in which each can be done."""
NOT_LINES = {
    "demo", "init", "join", "today", "find", "approvals", "sync", "daemon install", "status", "history", "dump",
    "backup", "restore-backup", "doctor", "settings set", "settings keys", "help", "completion", "bin list",
    "conflicts dismiss", "conflicts list", "rejected list", "rejected retry", "rejected drop", "procedure path",
    "policy untold", "training hours", "evaluation facts", "project compare", "person doubles",
    "unit doubles", "holiday list", "limit list", "person export", "lock set", "lock off", "bundle export",
    "bundle import", "meet", "template", "attachment open", "attachment save", "attachment queue", "attachment fetch",
    "attachment let-go", "issue explain", "evidence", "verify", "calendar", "reminders test", "reminders key",
}  # fmt: skip
"""The commands that write no line: they read, or concern the device alone."""
BY_KIND_OF_LINE = {"restore", "bin restore", "conflicts restore", "issue take-back", "issue approve", "issue reopen",
    "stand-in add", "stand-in end", "person hand-over", "phrase add", "phrase edit", "phrase remove",
    "view save", "view remove", "reminders here",
}  # fmt: skip
"""The commands whose lines the same writer writes, of whatever kind, that need a second person, or that everybody has
for themselves."""


def test_the_table_names_every_command() -> None:
    """A command that is new writes lines of a role, or says that it writes none."""
    names = {name for name in _leaves(guanjia, []) if name.split()[-1] not in ("list", "show")}
    names = {name for name in names if name.split()[0] not in ("central", "report", "admin")}
    assert names - WRITING.keys() - NOT_LINES - BY_KIND_OF_LINE == set()
    assert WRITING.keys() <= names


def _leaves(command: click.Command, path: list[str]) -> Iterator[str]:
    context = click.Context(command)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _leaves(found, [*path, name])
    else:
        yield " ".join(path)


class Home:
    """The home of the command line, whose roles at a central are set as if a round had brought them."""

    def __init__(self, cli: CommandLine) -> None:
        home = resolve_home(str(cli.home))
        self.database: Database = open_store(home.database, open_credentials(home, "file").key())
        self.last, self.seen = 0, set[str]()
        self.written()

    def give_role(self, role: str | None) -> None:
        """Let the person have this role alone; None: the home works alone."""
        with self.database.write() as connection:
            connection.execute("DELETE FROM meta WHERE key IN ('central', 'roles')")
            if role is not None:
                facts = (("central", "https://central.example"), ("roles", json.dumps([{"role": role}])))
                connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", facts)

    def written(self) -> list[tuple[Line, Line | None]]:
        """Each line that was written since the last time, and the one that it replaced."""
        query = "SELECT n, wire FROM outbox WHERE n > ? ORDER BY n"
        found: list[tuple[Line, Line | None]] = []
        for n, wire in self.database.connection().execute(query, (self.last,)).fetchall():
            self.last, each = n, orjson.loads(wire)
            line = Line(each["id"], each["kind"], each["project"], 0, "", each["author"], each["deleted"], each["body"])
            found.append((line, line if line.id in self.seen else None))
            self.seen.add(line.id)
        return found


def _who_may(line: Line, existing: Line | None) -> set[str]:
    """Who may write this, by the table."""
    if line.kind == ISSUE_STEP:
        act, level = str(line.body["act"]), line.body.get("level")
        return DONE.get((act, level if isinstance(level, int) else None)) or DONE[act, None]
    return WRITTEN[line.kind, verb_of(line, existing)]


def test_every_command_is_refused_to_the_roles_that_may_not_write_it(imported: CommandLine, tmp_path: Path) -> None:
    """Each command, run by a role that writes nothing, ends at once with who may and writes nothing; and what it
    writes is refused to exactly the roles to which the table of rights does not give it."""
    (tmp_path / "放假.csv").write_text("日期,安排\n2062-01-02,放假\n", "utf-8")
    (tmp_path / "协议.pdf").write_bytes(b"%PDF-1.7")
    imported.run("issue", "add", *PROJECT, "--title", "缺水", "--department", "水务局")
    imported.run("issue", "assign", "缺水", "--owner", "卯金海", "--due", "+3")
    imported.run("issue", "add", *PROJECT, "--title", "缺路", "--department", "水务局")
    imported.run("issue", "assign", "缺路", "--owner", "卯金海", "--due", "+3")
    imported.run("issue", "accept", "缺路")
    imported.run("issue", "settle", "缺路", "--measure", "修了", "--evidence", "照片")
    home, latest = Home(imported), dict[str, str]()
    for command, typed in WRITING.items():
        group = command.split()[0]
        places = {"LINE": latest.get(group, ""), "VISIT": latest.get("visit", "")}
        places |= {"HOLIDAYS": str(tmp_path / "放假.csv"), "PAPER": str(tmp_path / "协议.pdf")}
        words = (*command.split(), *(places.get(word, word) for word in typed))
        home.give_role("auditor")
        refused = imported.run(*words, "--json", code=1).error
        assert refused["code"] == "beyond_role", (command, refused)
        assert home.written() == [], command
        home.give_role(None)
        made = imported.run(*words, "--json", code=3 if command == "import" else 0).value
        latest[group] = made["id"] if isinstance(made, dict) and "id" in made else latest.get(group, "")
        lines = home.written()
        assert lines or command == "import", command
        for line, existing in lines:
            able = _who_may(line, existing)
            for role in ROLES:
                assert _is_refused(role, line, existing) == (role not in able), (command, line.kind, role)


def _is_refused(role: str, line: Line, existing: Line | None) -> bool:
    facts = DeviceFacts({"central": "x", "roles": json.dumps([{"role": role}]), "person": "somebody"})
    try:
        require_role(facts, line, existing)
    except BeyondRole as refusal:
        return bool(refusal.localized()[2])
    return False


def test_a_role_of_a_newer_central_is_left_to_the_central() -> None:
    """A version that does not know what a role may write refuses nothing for it."""
    facts = DeviceFacts({"central": "x", "roles": '[{"role": "auditor"}, {"role": "street_officer"}]', "person": "me"})
    require_role(facts, Line("visit", "visit", "project", 0, "", "me", False, {}))
    assert roles_at_central(facts) == []


def test_ones_own_name_and_phone_are_always_ones_own() -> None:
    """Whoever writes nothing else may correct who they are; nobody deletes that, or has their number shown as that of
    somebody else or of an office."""
    own = Line("me", "person", None, 0, "", "me", False, {"name": "甲"})
    phone = Line("phone", "contact", None, 0, "", "me", False, {"person_id": "me", "phone": "19900000001"})
    facts = DeviceFacts({"central": "x", "roles": json.dumps([{"role": "auditor"}]), "person": "me"})
    require_role(facts, own, own)
    require_role(facts, phone)
    require_role(facts, phone._replace(body={"further_of": "me", "phone": "0418-2812345"}))
    for another in ("unit_id", "further_of"):
        with pytest.raises(BeyondRole):
            require_role(facts, phone._replace(body={**phone.body, another: "another"}))
    with pytest.raises(BeyondRole):
        require_role(facts, own._replace(deleted=True), own)
    with pytest.raises(BeyondRole):
        require_role(facts, own._replace(id="another"))


def test_a_department_attaches_to_its_own_acts_and_is_told_so() -> None:
    """What is refused names the line that files would be attached to, not files as such: those of its own acts go."""
    facts = DeviceFacts({"central": "x", "roles": json.dumps([{"role": "department"}]), "person": "me"})
    photo = Line("photo", "attachment", "project", 0, "", "me", False, {"of_kind": "issue_step", "of_id": "step"})
    require_role(facts, photo)
    with pytest.raises(AttachingBeyondRole, match="issue"):
        require_role(facts, photo._replace(body={"of_kind": "issue", "of_id": "issue"}))
