"""A butler is replaced while offline, with lines that were not sent yet: they arrive under the old butler's name, the
new one gets the whole past, and the old laptop forgets the project (domain.md: never a line that it has not sent)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import ClassVar, NamedTuple

import pytest

from store.exceptions import FileFailure
from store.ledger.hlc import ms_from_hlc, system_clock_ms
from store.ledger.line import Line
from sync import protocol
from sync.central.accounts.roles import WITHDRAWAL_GRACE_MS
from sync.central.admin import admin
from sync.enrolment import join_central, plan_join
from sync.exceptions import CentralUnreachable, HandOver
from tests.sync.central_fixture import Central, running_central
from tests.sync.laptops import ForwardingCentral, Laptop, bureau, moved, project, standalone_home, through, visit

OLD, NEW = "刘丁", "赵戊"


class Handover(NamedTuple):
    """The bureau's laptop, the old and the new butler's, and their project with a visit and an issue."""

    office: Laptop
    old: Laptop
    new: Laptop
    project: Line
    visit: Line
    issue: Line


def issue(laptop: Laptop, of: Line, title: str = "缺电") -> Line:
    """An issue of a project, written on this laptop."""
    return laptop.put("issue", number=f"W-{title}", title=title, kind="problem", project=of.id)


def begin(folder: Path, at: Central) -> Handover:
    """A butler with a project, in step with the central; and the one who comes after, who has none yet."""
    office = bureau(folder / "office", at)
    own, other = project(office, "我的项目"), project(office, "别人的项目")
    office.sync()
    old = Laptop(folder / "old").join(at, at.invite(OLD, "butler", projects=[own.id]))
    old.sync()
    seen, raised = visit(old, own, "第一次"), issue(old, own)
    assert old.sync().verified
    new = Laptop(folder / "new").join(at, at.invite(NEW, "butler", projects=[other.id]))
    assert new.sync().verified
    return Handover(office, old, new, own, seen, raised)


@pytest.fixture(scope="module")
def ground_begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `ground` is copied from."""
    folder = tmp_path_factory.mktemp("ground")
    with running_central(folder) as at:
        begin(folder, at)
    return folder


@pytest.fixture
def ground(tmp_path: Path, at: Central, ground_begun: Path) -> Handover:
    """The butlers at a central."""
    office, old, new = (moved(ground_begun / name, tmp_path / name, at) for name in ("office", "old", "new"))
    of_kind = {line.kind: line for line in old.lines().values()}
    return Handover(office, old, new, of_kind["project"], of_kind["visit"], of_kind["issue"])


def replace(ground: Handover, at: Central) -> None:
    """Whoever runs the central takes the project from the old butler and gives it to the new one."""
    for act, name in ((admin.withdraw, OLD), (admin.grant, NEW)):
        assert act(at.data_dir, name, "butler", projects=[ground.project.id])


def written_offline(ground: Handover) -> list[Line]:
    """What the old butler writes before the hand-over and cannot send: a visit, an edit, a new issue with a step, a
    step on the old one, a person."""
    old, own = ground.old, ground.project
    with old.open() as device:
        edited = device.ledger.edit("visit", ground.visit.id, text="第一次，补记")
    raised = issue(old, own, "缺水")
    steps = [old.put("issue_step", issue_id=i.id, act="told", project=own.id) for i in (ground.issue, raised)]
    return [edited, visit(old, own, "第二次"), raised, *steps, old.put("person", name="企业联系人丙")]


def test_unsent_lines_of_a_replaced_butler_arrive(ground: Handover, at: Central) -> None:
    """They arrive as they were written, by the old butler, although they come after the withdrawal; the new butler has
    the whole past; the old laptop has nothing of the project left, no line is lost and none is orphaned."""
    lines = written_offline(ground)
    replace(ground, at)
    assert ground.new.sync().verified
    result, asked = through(ground.old)
    assert (result.pushed, result.rejected, result.pending, result.verified) == (6, 0, 0, True)
    assert "verify" not in asked  # what it had handed over was named to be forgotten, and nothing else differed
    assert not [line for line in ground.old.lines().values() if line.project == ground.project.id]
    assert ground.old.rows("SELECT count(*) FROM history") == [(0,)]
    assert ground.new.sync().verified
    held = ground.new.lines()
    assert [held[line.id] for line in lines] == lines
    assert held[ground.issue.id] == ground.issue
    ground.office.sync()
    everything = ground.office.lines()
    assert {i: line for i, line in everything.items() if line.project == ground.project.id} == {
        i: line for i, line in held.items() if line.project == ground.project.id
    }
    assert {line.author for line in lines} == {ground.visit.author}


def test_what_is_written_after_the_withdrawal_is_refused_and_stays(ground: Handover, at: Central) -> None:
    """A role ends when it is withdrawn: a later line is refused with a sentence, and kept on the laptop."""
    before = visit(ground.old, ground.project, "以前")
    replace(ground, at)
    after = visit(ground.old, ground.project, "以后")
    result = ground.old.sync()
    assert (result.pushed, result.rejected, result.verified) == (1, 1, True)
    assert set(ground.old.lines()) == {after.id}
    assert ground.old.rows("SELECT id, code FROM outbox") == [(after.id, "forbidden")]
    ground.new.sync()
    assert before.id in ground.new.lines()
    assert after.id not in ground.new.lines()


def edit(laptop: Laptop, line: Line, text: str) -> None:
    """Edit a visit's text."""
    with laptop.open() as device:
        device.ledger.edit("visit", line.id, text=text)


def test_who_hands_over_learns_nothing_of_what_others_wrote(ground: Handover, at: Central) -> None:
    """One visit the new butler changed before, one after the old butler did: the later version stands in both, and the
    old laptop is told neither the loser nor the winner, nor that there was one."""
    beaten = visit(ground.old, ground.project, "第二次")
    ground.old.sync()
    admin.grant(at.data_dir, NEW, "butler", projects=[ground.project.id])
    ground.new.sync()
    edit(ground.new, ground.visit, "新管家先写")
    edit(ground.old, ground.visit, "旧管家后写")
    edit(ground.old, beaten, "旧管家先写")
    admin.withdraw(at.data_dir, OLD, "butler", projects=[ground.project.id])
    edit(ground.new, beaten, "新管家后写")
    ground.new.sync()

    class Listening(ForwardingCentral):
        answers: ClassVar[list[protocol.PushOutcome]] = []

        async def push(self, lines: list[bytes], chain: protocol.PushChain | None = None) -> protocol.PushAnswer:
            answer = await super().push(lines, chain)
            self.answers.extend(answer.outcomes)
            return answer

    result, _ = through(ground.old, Listening)
    assert (result.pushed, result.superseded, result.pending, result.verified) == (2, 0, 0, True)
    reported = [(one.outcome, one.winner, one.loser, one.code) for one in Listening.answers]
    assert reported == [("applied", None, None, None)] * 2
    ground.new.sync()
    ground.office.sync()
    for laptop in (ground.new, ground.office):
        texts = {i: line.body.get("text") for i, line in laptop.lines().items()}
        assert (texts[ground.visit.id], texts[beaten.id]) == ("旧管家后写", "新管家后写")


def test_a_hand_over_whose_answer_was_lost_is_taken_again(ground: Handover, at: Central) -> None:
    """The lines may be sent twice: the second time changes nothing, and the laptop is done with them."""
    written_offline(ground)
    replace(ground, at)

    class Losing(ForwardingCentral):
        async def push(self, lines: list[bytes], chain: protocol.PushChain | None = None) -> protocol.PushAnswer:
            await super().push(lines, chain)
            raise CentralUnreachable(central="x", detail="cut")

    with pytest.raises(CentralUnreachable):
        through(ground.old, Losing)
    before = admin.stats(at.data_dir)
    result = ground.old.sync()
    assert (result.pushed, result.rejected, result.pending, result.verified) == (6, 0, 0, True)
    assert admin.stats(at.data_dir) == before
    assert not [line for line in ground.old.lines().values() if line.project == ground.project.id]


def test_a_wrong_clock_does_not_spoil_a_hand_over(ground: Handover, at: Central) -> None:
    """What was written before the withdrawal by a clock three hours ahead gets corrected stamps first, and is then
    accepted."""
    ground.old.clock(3 * 3_600_000)
    line = visit(ground.old, ground.project, "钟快了")
    time.sleep(0.5)  # the clock is measured within some milliseconds
    replace(ground, at)
    result = ground.old.sync()
    assert (result.pushed, result.rejected, result.pending, result.verified) == (1, 0, 0, True)
    ground.new.sync()
    arrived = ground.new.lines()[line.id]
    assert arrived == line._replace(stamp=arrived.stamp)
    assert ms_from_hlc(arrived.stamp) < ms_from_hlc(line.stamp) - 2 * 3_600_000


def test_after_a_month_nothing_more_is_handed_over(tmp_path: Path) -> None:
    """After the grace period lines are rejected, and stay on the laptop."""
    late = [0]
    with running_central(tmp_path, wall=lambda: system_clock_ms() + late[0]) as at:
        ground = begin(tmp_path, at)
        line = visit(ground.old, ground.project, "太晚了")
        replace(ground, at)
        late[0] = WITHDRAWAL_GRACE_MS + 3_600_000
        ground.old.clock(late[0])
        result = ground.old.sync()
        assert (result.pushed, result.rejected) == (0, 1)
        assert set(ground.old.lines()) == {line.id}


@pytest.mark.parametrize(("before", "after", "told"), [("王五", "李四", "王五"), ("王 五", "王五", "")])
def test_a_home_that_becomes_another_persons_is_said_to(
    at: Central, tmp_path: Path, before: str, after: str, told: str
) -> None:
    """Who joins with somebody's lone home and another one's code is told whose it was, since what is unsent goes under
    the new name, which everybody then reads; another spelling of one name is no hand-over."""
    lone = standalone_home(tmp_path / "lone", before)
    visit(lone, project(lone))
    joined = join_central(lone.home, lone.settings, at.url, at.invite(after), hand_over=True)
    assert (joined.former_name, joined.person_name) == (told, after)
    assert {line.author for line in lone.lines().values()} == {joined.person}
    assert lone.sync().verified
    if told:
        assert [line.body["name"] for line in lone.all_lines() if line.id == joined.person] == [after]


def test_a_hand_over_is_asked_about_before_the_code_is_spent(at: Central, tmp_path: Path) -> None:
    """A home of one person and a code for another: nothing happens until somebody says that it is handed over, and
    the code is good for either answer."""
    lone = standalone_home(tmp_path / "lone", "王五")
    visit(lone, project(lone))
    code, before = at.invite("李四"), lone.meta()
    with pytest.raises(HandOver) as caught:
        lone.join(at, code)
    assert "王五" in str(caught.value) and "李四" in str(caught.value)
    assert lone.meta() == before
    plan = plan_join(lone.home, lone.settings, at.url, code)
    assert plan is not None
    assert (plan.name, plan.former_name, plan.unsent) == ("李四", "王五", 2)
    assert Laptop(tmp_path / "own").join(at, code).meta()["person_name"] == "李四"


def test_a_code_is_not_spent_where_its_token_cannot_be_kept(at: Central, tmp_path: Path) -> None:
    """What can fail here is tried first: then the same code joins once the cause is mended."""
    code, lone = at.invite("王五"), standalone_home(tmp_path / "lone", "王五")
    blocked = lone.home.credentials / "probe"
    blocked.mkdir()
    for _attempt in range(2):
        with pytest.raises(FileFailure):
            lone.join(at, code)
    blocked.rmdir()
    assert lone.join(at, code).meta()["person_name"] == "王五"
    assert lone.sync().verified
    device = lone.meta()["device"]
    assert lone.join(at, code).meta()["device"] == device
    assert lone.sync().verified


def test_what_a_code_does_not_allow_is_told_before_joining(at: Central, tmp_path: Path) -> None:
    """A lone butler learns with counts which lines the role of the code does not enter, before the code is spent."""
    lone = standalone_home(tmp_path / "lone", "王五")
    own = project(lone)
    visit(lone, own)
    plan = plan_join(lone.home, lone.settings, at.url, at.invite("王五", "butler"))
    assert plan is not None
    assert (plan.roles, plan.beyond_roles, plan.unsent) == (("butler",), {"project": 1}, 2)
