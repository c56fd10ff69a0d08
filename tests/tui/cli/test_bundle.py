"""``guanjia bundle`` and ``guanjia central bundle``: rounds by file as commands, their JSON and their refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.db.device_facts import read_device_facts
from store.home.paths import Home
from store.home.settings import load_settings
from sync.device.device import Device
from tests.sync.central_fixture import Central, running_central
from tests.sync.laptops import Laptop, bureau, project
from tests.tui.cli.conftest import CommandLine
from tests.tui.cli.laptop import Laptop as RealLaptop


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Central]:
    """A central."""
    with running_central(tmp_path) as running:
        yield running


@pytest.fixture
def joined(here: CommandLine, tmp_path: Path, at: Central) -> Laptop:
    """A home of the command line that has joined, with a project that is not sent yet."""
    laptop = bureau(here.home, at, "张甲")
    laptop.sync()
    project(laptop)
    return laptop


def test_a_round_by_file(here: CommandLine, joined: Laptop, at: Central, tmp_path: Path) -> None:
    """Three commands send a line and find both sides equal; each says what it did, also as JSON."""
    (tmp_path / "stick").mkdir()
    written = here.json("bundle", "export", "stick")
    assert (written["lines"], Path(written["file"]).parent.name) == (1, "stick")
    assert Path(written["file"]).name.startswith("张甲-") and written["file"].endswith("-上报.gjb")
    answered = here.json("central", "bundle", "stick", "--data", str(at.data_dir))
    assert [(each["person"], each["lines"], each["refused"]) for each in answered["answers"]] == [("张甲", 1, None)]
    assert (answered["lines"], answered["outcomes"]) == (1, {"applied": 1, "superseded": 0, "rejected": 0})
    taken = here.json("bundle", "import", "stick")
    assert (taken["lines"], taken["outcomes"]) == (0, {"applied": 1, "superseded": 0, "rejected": 0})
    assert [(each["pushed"], each["equal"], each["in_agreement"]) for each in taken["answers"]] == [(1, True, True)]
    assert here.json("status")["in_agreement"]
    assert "in already" in here.run("bundle", "import", "stick").out
    again = here.json("central", "bundle", "stick", "--data", str(at.data_dir))
    assert again == {"lines": 0, "outcomes": {"applied": 0, "superseded": 0, "rejected": 0}, "answers": []}
    rounds = here.json("status")["rounds"]
    assert rounds[0]["ran_by"] == "bundle"


def test_attached_files_go_along_where_that_is_asked_for(
    here: CommandLine, joined: Laptop, at: Central, tmp_path: Path
) -> None:
    """A file for the stick carries lines only, and says what is not in it, whatever is wrong with the folder of files;
    with ``--with-files`` what is attached lies in a file beside it, and the central's answer confirms it."""
    (tmp_path / "协议.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "stick").mkdir()
    here.run("attach", "示范项目", str(tmp_path / "协议.pdf"))
    folder, away = joined.home.path / "ledger.attachments", tmp_path / "away"
    folder.rename(away)
    folder.write_bytes(b"in the way")
    assert str(folder) in here.run("bundle", "export", str(tmp_path)).err
    folder.unlink()
    away.rename(folder)
    assert "1 attached file is not in it" in here.run("bundle", "export", str(tmp_path)).err
    assert [one["direction"] for one in here.json("attachment", "queue")["waiting"]] == ["up"]
    written = here.json("bundle", "export", "stick", "--with-files")["files"]
    assert Path(written["file"]).name.endswith("-附件.gjb") and (written["files"], written["left"]) == (1, 0)
    told = here.json("central", "bundle", "stick", "--data", str(at.data_dir))
    assert len(told["answers"]) == 2
    (taken,) = here.json("bundle", "import", "stick")["files"]
    assert (taken["confirmed"], taken["refused"]) == (1, 0)
    assert "the central has 0, 0 came here" in here.run("bundle", "import", "stick").out
    assert not here.json("attachment", "queue")["waiting"]


def test_a_picture_goes_from_home_to_home_by_stick_with_real_processes(here: CommandLine, tmp_path: Path) -> None:
    """Two homes that joined by files and a central, each command a process of its own and no network: a file that is
    attached in one is, some sticks later, saved in the other."""
    data, stick = ("--data", str(tmp_path / "central")), tmp_path / "stick"
    stick.mkdir()
    here.run("central", "init", "--district", "210903", "--name", "新邱区", *data)
    first, second = RealLaptop(tmp_path / "home-a"), RealLaptop(tmp_path / "home-b")
    for laptop, name in ((first, "王甲"), (second, "王乙")):
        who = ("--name", name, "--role", "bureau", "--new")
        made = here.json("central", "invite", *who, "--file", str(stick), "--address", "https://central.invalid", *data)
        laptop.run("join", made["file"])
    first.run("central", "bundle", str(stick), *data)
    for laptop in (first, second):
        laptop.run("bundle", "import", str(stick), code=None)
    content = b"%PDF-1.7 " + bytes(range(256)) * 700
    (tmp_path / "协议.pdf").write_bytes(content)
    first.run("project", "add", "--name", "示范项目", "--category", "new")
    first.run("attach", "示范项目", str(tmp_path / "协议.pdf"))
    first.run("bundle", "export", str(stick), "--with-files")
    first.run("central", "bundle", str(stick), *data)
    told = first.json("bundle", "import", str(stick))
    assert [each["confirmed"] for each in told["files"]] == [1]
    for _pass in range(2):  # the line, then what it names
        second.run("bundle", "export", str(stick), "--with-files")
        first.run("central", "bundle", str(stick), *data)
        second.run("bundle", "import", str(stick), code=None)
    second.run("attachment", "save", "协议.pdf", "--out", str(tmp_path / "saved.pdf"))
    assert (tmp_path / "saved.pdf").read_bytes() == content


def test_a_damaged_file_is_refused_with_a_sentence(
    here: CommandLine, joined: Laptop, at: Central, tmp_path: Path
) -> None:
    """Exit code 1 and what happened where one file was named; exit code 3 where others in the folder were answered."""
    (tmp_path / "stick").mkdir()
    good = here.json("bundle", "export", "stick")["file"]
    bad = tmp_path / "stick" / "bad.gjb"
    bad.write_bytes(Path(good).read_bytes()[:-1])
    data = ("--data", str(at.data_dir))
    assert here.run("central", "bundle", "stick/bad.gjb", "--json", *data, code=1).error["code"] == "bundle_damaged"
    told = here.json("central", "bundle", "stick", *data, code=3)
    assert sorted(each.get("code", "") for each in told["answers"]) == ["", "bundle_damaged"]
    assert here.run("bundle", "import", good, "--json", code=1).error["code"] == "bundle_for_others"


def test_a_home_joins_by_files_and_sends_what_it_wrote_alone(here: CommandLine, tmp_path: Path, at: Central) -> None:
    """An invitation as a file makes a home that works alone; its join goes to the central as a file, the answer makes
    it one of the district's, and what it wrote meanwhile goes with its first message. No network is used. Answering the
    join twice changes nothing. The address that invitations named at another central is forgotten."""
    (tmp_path / "stick").mkdir()
    data = ("--data", str(at.data_dir))
    who = ("--name", "王管家", "--role", "bureau")
    made = here.json("central", "invite", *who, "--file", "stick", "--address", "https://central.invalid", *data)
    assert Path(made["file"]).name.endswith("-邀请.gji")
    asked = here.json("join", made["file"])
    assert asked["fingerprint"] == made["fingerprint"]
    here.run("project", "add", "--name", "独立项目", "--category", "new")
    first = here.json("central", "bundle", asked["file"], "--out", "stick", *data)["answers"][0]
    again = here.json("central", "bundle", asked["file"], "--out", "stick", *data)["answers"][0]
    home = Home(here.home)
    with Device.open(home, load_settings(home)) as device:
        device.ledger.save_facts(central_id="another", told_address="https://another.invalid#1f2e")
    joined = here.json("bundle", "import", again["file"])["joined"]
    with Device.open(home, load_settings(home)) as device:
        assert not read_device_facts(device.ledger.database.connection())["told_address"]
    assert (joined["person_name"], joined["district"]) == ("王管家", "210903")
    assert here.run("bundle", "import", first["file"], "--json", code=1).error["code"] == "bundle_for_others"
    written = here.json("bundle", "export", "stick")
    answer = here.json("central", "bundle", written["file"], *data)["answers"][0]
    taken = here.json("bundle", "import", answer["file"])["answers"][0]
    assert taken["pushed"] == written["lines"] and taken["in_agreement"]
    assert [each["name"] for each in here.json("project", "list")] == ["独立项目"]
    assert here.json("status")["person_name"] == "王管家"


def test_an_invitation_that_was_changed_is_refused(here: CommandLine, tmp_path: Path, at: Central) -> None:
    """Another address or another key in the file: it is refused, and no home is made. A join whose answer another
    central has signed is refused, too."""
    data = ("--data", str(at.data_dir))
    who = ("--name", "王管家", "--role", "bureau")
    made = here.json("central", "invite", *who, "--file", ".", "--address", "https://central.invalid", *data)
    path = Path(made["file"])
    path.write_text(path.read_text("utf-8").replace("central.invalid", "central.example"), "utf-8")
    assert here.run("join", str(path), "--json", code=1).error["code"] == "no_invitation"
    assert not (here.home / "ledger.db").exists()


@pytest.mark.soak(only=True)
def test_a_week_of_ten_laptops_on_one_stick_with_real_processes(here: CommandLine, tmp_path: Path) -> None:
    """Ten homes, each command a process of its own, one stick, three passes: ten equal dumps, and each says that it is
    in agreement."""
    data, stick = ("--data", str(tmp_path / "central")), tmp_path / "stick"
    stick.mkdir()
    here.run("central", "init", "--district", "210903", "--name", "新邱区", *data)
    laptops = []
    for name in "甲乙丙丁戊己庚辛壬癸":
        who = ("--name", f"王{name}", "--role", "bureau", "--new")
        made = here.json("central", "invite", *who, "--file", str(stick), "--address", "https://central.invalid", *data)
        laptop = RealLaptop(tmp_path / f"home-{name}")
        laptop.run("join", made["file"])
        laptops.append(laptop)
    laptops[0].run("central", "bundle", str(stick), *data)
    for laptop in laptops:
        laptop.run("bundle", "import", str(stick), code=None)
        laptop.run("project", "add", "--name", f"项目{laptop.home.name}", "--category", "new")
    for _pass in range(3):
        for laptop in laptops:
            laptop.run("bundle", "export", str(stick))
        laptops[0].run("central", "bundle", str(stick), *data)
        taken = [laptop.json("bundle", "import", str(stick))["answers"] for laptop in laptops]
    assert all(answers[-1]["in_agreement"] for answers in taken)
    dumps = {laptop.run("dump").out for laptop in laptops}
    assert len(dumps) == 1 and dumps.pop().count("项目home-") >= 10
