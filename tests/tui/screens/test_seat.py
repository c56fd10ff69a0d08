"""The bureau’s screen (issue 13): accounts, devices and codes of the central, by commands run as child processes."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from store.values.times import district_time
from sync.protocol import RoleGrant
from tests.tui.driving import drive, key_event, make_app, press, screen_lines, screen_text, settled, type_text, until
from tests.tui.role_samples import hold, store_of
from tests.tui.sample import NOON_MS, line_id
from tui.app.app import GuanjiaApp
from tui.cli.commands.admin_tables import roles_text
from tui.data.bureau_seat import filtered_rows, seat_rows, typed_days
from tui.presenters.lines import line_summary
from tui.presenters.seat import seat_columns
from tui.screens.audit import AuditScreen
from tui.screens.invite import CodePanel
from tui.screens.panels import Confirm
from tui.screens.seat import SeatScreen
from tui.widgets.columns import row_text

DAY_MS = 86_400_000
COMMAND = """
import json, pathlib, sys, time
folder = pathlib.Path({folder!r})
with (folder / "ran").open("a") as ran:
    ran.write(json.dumps(sys.argv[1:-1] + sys.stdin.read().split() + sys.argv[-1:]) + "\\n")
while sys.argv[2] != "overview" and (folder / "wait").exists():
    time.sleep(0.01)
answer = folder / f"{{sys.argv[2]}}.json"
if answer.exists():
    print(answer.read_text())
else:
    print(json.dumps({{"error": {{"what": "不能这样", "data": "没有改动", "todo": "再想想"}}}}), file=sys.stderr)
    sys.exit(1)
"""


def ago(days: float) -> str:
    """An ISO moment so many days before the sample's noon."""
    return district_time(int(NOON_MS - days * DAY_MS)).isoformat(timespec="milliseconds")


def device(number: int, name: str, days: float, **more: Any) -> dict[str, Any]:
    """A device of account ``number``, seen so many days ago, as the command prints it."""
    facts = {"id": f"d{number}", "name": name, "account": "x", "account_id": f"a{number}", "seen_at": ago(days)}
    return {**facts, "created_at": ago(90), "revoked_at": None, "unsent": 0, "refused": 0, **more}


OVERVIEW: dict[str, list[dict[str, Any]]] = {
    "codes": [
        {
            "id": "c1",
            "name": "钱管家",
            "account": None,
            "created_at": ago(0),
            "expires_at": ago(-2),
            "roles_text": "项目管家",
        }
    ],
    "people": [
        {"id": "a1", "name": "丁局", "roles_text": "营商局", "devices": 1, "created_at": ago(90), "seen_at": ago(0)},
        {"id": "a2", "name": "孙管家", "roles_text": "项目管家（风电）", "devices": 1, "created_at": ago(90)},
        {"id": "a3", "name": "周科", "roles_text": "行政职能部门", "devices": 0, "created_at": ago(9)},
    ],
    "devices": [
        device(1, "办公室", 0.01, program="0.1.0", clock_offset_ms=300_000),
        device(2, "笔记本", 40, unsent=12, refused=3),
    ],
}


def answering_app(home: Path, folder: Path, **answers: object) -> GuanjiaApp:
    """The app of somebody of the bureau, whose commands answer what is in the folder's files: these, by command."""
    hold(home, "bureau")
    for command, answer in answers.items():
        (folder / f"{command}.json").write_text(json.dumps(answer))
    script = folder / "admin.py"
    script.write_text(COMMAND.format(folder=str(folder)))
    app = make_app(home, start="today")
    app.program_command = (sys.executable, "-S", str(script))
    return app


@pytest.fixture
def seat(home: Path, tmp_path: Path) -> GuanjiaApp:
    """The app of somebody of the bureau, whose accounts are listed."""
    return answering_app(home, tmp_path, overview=OVERVIEW)


def ran(folder: Path) -> list[list[str]]:
    """The commands that were run, but those that list."""
    lines = [json.loads(line) for line in (folder / "ran").read_text().splitlines()]
    return [line[1:-1] for line in lines if line[1] != "overview"]


def test_rows_say_who_is_let_in_and_what_is_wrong() -> None:
    """Codes come first, then people by name with their devices; who was not seen for weeks, lines that wait and a wrong
    clock are said; nothing at all is an empty list."""
    rows = seat_rows(OVERVIEW)
    assert [(row.kind, row.name) for row in rows] == [
        ("code", "钱管家"), ("device", "丁局"), ("account", "周科"), ("device", "孙管家"),
    ]  # fmt: skip
    texts = [row_text(seat_columns(lambda: NOON_MS), row) for row in rows]
    assert "待用加入码" in texts[0]
    assert "慢 5 分钟" in texts[1]
    assert "无设备" in texts[2]
    assert "! 40 天前  12  3" in texts[3]
    assert seat_rows(None) == seat_rows({"codes": []}) == []


def test_inviting_takes_three_keys_and_a_name(
    seat: GuanjiaApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A, n, the name and enter: the code is on the screen, and o writes it on a slip that only its owner can read."""
    monkeypatch.setenv("HOME", str(tmp_path))
    made = {"code": "ABCD-EFGH-JKMN", "id": "c9", "name": "吴管家", "expires_at": ago(-1)}
    (tmp_path / "invite.json").write_text(json.dumps(made))
    (tmp_path / "wait").touch()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "A", "n")
        await type_text(pilot, "吴管家")
        pilot.app.post_message(key_event("enter"))
        await until(pilot, lambda: (tmp_path / "ran").read_text().count("invite") == 1)
        pilot.app.post_message(key_event("escape"))  # whoever is impatient does not miss the code
        await until(pilot, lambda: "请稍候" in screen_text(pilot))
        (tmp_path / "wait").unlink()
        await settled(pilot)
        assert isinstance(pilot.app.screen, CodePanel)
        assert "ABCD-EFGH-JKMN" in screen_text(pilot)
        await press(pilot, "o", "escape")
        assert isinstance(pilot.app.screen, SeatScreen)

    drive(seat, script)
    assert ran(tmp_path) == [["invite", "吴管家", "--hours", "24"]]
    slip = tmp_path / "加入码-吴管家.txt"
    assert "ABCD-EFGH-JKMN" in slip.read_text()
    assert slip.stat().st_mode & 0o777 == 0o600


def test_codes_are_withdrawn_by_a_key_and_devices_stopped_by_a_question(seat: GuanjiaApp, tmp_path: Path) -> None:
    """w ends the code under the cursor; x and X ask first, and only ctrl+d agrees; what the central refuses is said in
    its own words, and the list stays."""
    for name in ("withdraw", "revoke"):
        (tmp_path / f"{name}.json").write_text("{}")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "A", "w", "x", "down", "x", "enter")
        assert ran(tmp_path) == [["withdraw", "c1"]]
        await press(pilot, "ctrl+d", "down", "down", "X", "ctrl+d")
        (tmp_path / "revoke.json").unlink()
        await press(pilot, "x", "ctrl+d")
        assert "不能这样" in screen_text(pilot)
        assert "孙管家" in screen_text(pilot)

    drive(seat, script)
    assert ran(tmp_path)[1:] == [["revoke", "d1"], ["revoke", "a2"], ["revoke", "d2"]]


def test_who_leaves_while_a_device_is_stopped_is_told_how_it_ended(seat: GuanjiaApp, tmp_path: Path) -> None:
    """A stop that the central does not answer is told on whatever screen is shown by then; so is one that it does."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "A", "down")
        for answer, told in (("", "不能这样"), ("{}", "已停用")):
            (tmp_path / "wait").touch()
            await press(pilot, "x")
            pilot.app.post_message(key_event("ctrl+d"))
            pilot.app.post_message(key_event("escape"))
            await until(pilot, lambda: not isinstance(pilot.app.screen, SeatScreen | Confirm))
            if answer:
                (tmp_path / "revoke.json").write_text(answer)
            (tmp_path / "wait").unlink()
            await settled(pilot)
            assert told in screen_text(pilot)
            await press(pilot, "A", "down")

    drive(seat, script)


def test_without_the_central_the_list_says_so(seat: GuanjiaApp, tmp_path: Path) -> None:
    """Where the central does not answer, the sentence stands in the list; who is not of the bureau has no such key."""
    (tmp_path / "overview.json").unlink()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "A")
        assert "不能这样" in screen_lines(pilot)[3]

    drive(seat, script)


def test_the_address_book_shows_account_and_devices(seat: GuanjiaApp, tmp_path: Path) -> None:
    """The bureau sees on a person’s page when their devices were seen and what waits there, with the age of it; offline
    what was last known, or that nothing is; of who has no account, that."""
    people = [{**each, "person": line_id("person", "乙卫东")} for each in OVERVIEW["people"] if each["id"] == "a2"]
    told = {"people": people, "devices": OVERVIEW["devices"]}
    (tmp_path / "overview.json").rename(tmp_path / "later.json")

    async def page(pilot: Pilot[None], name: str) -> str:
        await press(pilot, "slash")
        await type_text(pilot, f"@{name}")
        await press(pilot, "enter")
        text = screen_text(pilot)
        await press(pilot, "escape", "escape")
        return text

    async def script(pilot: Pilot[None]) -> None:
        assert "账户和设备情况本机不知道" in await page(pilot, "乙卫东")
        (tmp_path / "overview.json").write_text(json.dumps(told))
        text = await page(pilot, "乙卫东")
        assert all(part in text for part in ("笔记本", "40 天前", "未上报 12", "被退回 3", "截至"))
        assert "没有账户" in await page(pilot, "丑宁")
        (tmp_path / "overview.json").unlink()
        seat.now_ms = lambda: NOON_MS + 3_600_000
        text = await page(pilot, "乙卫东")
        assert "笔记本" in text and "中心现在没有应答" in text

    drive(seat, script, (160, 45))


def test_only_the_bureau_has_the_key(seat: GuanjiaApp, home: Path) -> None:
    """A butler's A does nothing."""
    hold(home, "butler")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "A")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, SeatScreen)

    drive(seat, script)


AUDIT = [
    {"seq": 9, "at": ago(0.1), "name": "丁局", "action": "write", "line": line_id("project", 1), "detail": None},
    {"seq": 8, "at": ago(0.2), "name": "丁局", "action": "write", "line": "019e0000-0000-7000-8000-00000000ffff"},
    {"seq": 7, "at": ago(1), "name": "丁局", "action": "export", "detail": {"what": "summary", "file_kind": "docx"}},
    {"seq": 6, "at": ago(2), "name": None, "action": "invite", "detail": {"name": "钱管家", "by": "root"}},
]


@pytest.mark.proves("R50")
def test_the_audit_is_read_and_narrowed(seat: GuanjiaApp, tmp_path: Path) -> None:
    """a on the accounts lists who did what when, lines by their names and no ids; f asks the central for a person, an
    act and a period; where it does not answer, what was listed stays."""
    (tmp_path / "audit.json").write_text(json.dumps(AUDIT))

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "A", "a")
        shown = screen_text(pilot)
        for part in ("北山新能源", "本机没有的一条记录", "汇总", "钱管家", "中心"):
            assert part in shown
        assert "019e0000" not in shown
        await press(pilot, "f")
        await type_text(pilot, "丁局")
        await press(pilot, "tab", "right", "tab")
        await type_text(pilot, "5.1")
        await press(pilot, "enter")
        await settled(pilot)
        (tmp_path / "audit.json").unlink()
        await press(pilot, "r", "enter")
        assert "不能这样" in screen_text(pilot)
        assert "北山新能源" in screen_text(pilot)

    drive(seat, script, (160, 45))
    asked = [line for line in ran(tmp_path) if line[0] == "audit"]
    newest = ["audit", "--newest", "--limit", "500"]
    assert asked[0] == newest
    assert asked[1] == [*newest, "--person", "丁局", "--action", "write", "--since", "5.1"]


def test_who_has_not_synced_is_listed_and_an_auditor_reads_the_audit(
    seat: GuanjiaApp, home: Path, tmp_path: Path
) -> None:
    """f lists the devices unseen for so many days, and says where that is no number; an auditor’s A opens the audit,
    which is theirs."""
    (tmp_path / "audit.json").write_text(json.dumps(AUDIT))
    rows = seat_rows(OVERVIEW)
    assert [row.name for row in filtered_rows(rows, "", 14, NOON_MS)] == ["孙管家"]
    assert [row.name for row in filtered_rows(rows, "管家", 0, NOON_MS)] == ["钱管家", "孙管家"]
    assert [typed_days(text) for text in ("14", "１４", "14天", " 14 days", "很久", "1.5", "")] == [14] * 4 + [0] * 3

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "A", "f", "tab")
        await type_text(pilot, "14天")
        await press(pilot, "enter")
        assert "孙管家" in screen_text(pilot)
        assert "丁局" not in screen_text(pilot)
        assert "14 天以上未同步" in screen_lines(pilot)[1]
        await press(pilot, "f", "tab", *["backspace"] * 3)
        await type_text(pilot, "两周")
        await press(pilot, "enter")
        assert "“两周”不是天数" in screen_text(pilot)
        await press(pilot, "escape")
        hold(home, "auditor")
        await until(pilot, lambda: not seat.has_role("bureau"))
        await press(pilot, "A")
        await settled(pilot)
        assert isinstance(pilot.app.screen, AuditScreen)

    drive(seat, script)


def test_a_role_is_listed_once_with_its_projects(home: Path) -> None:
    """Of somebody who is butler of many projects the role is said once; a line of the audit is called by its role."""
    places = [line_id("project", number) for number in (5, 8)]
    roles = [RoleGrant(role="bureau"), *(RoleGrant(role="butler", project=place) for place in places)]
    with closing(store_of(home)) as database:
        text = roles_text(database.connection(), roles)
    assert text == "营商局、项目管家 (金德热源有限责任公司铁路专用线项目、智能矿山装备（一期）)"
    assert line_summary("assignment", {"role": "butler"}) == "项目管家"
