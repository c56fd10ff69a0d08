"""``guanjia demo --stick``: a week without a network. Laptops join, send and receive by files on one stick alone."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from store.home.settings import load_settings
from store.ledger.hlc import system_clock_ms
from sync.central.admin import admin
from sync.central.admin.bundle_folder import answer_files
from sync.central.admin.invitation_file import InvitedPerson, write_invitation
from sync.round.by_file import FolderResult, export_bundle, import_bundles
from sync.round.join_by_file import join_by_answer, make_invited_home, read_invitation, write_join
from tui.cli.demo.laptop import DemoLaptop, compare_dumps
from tui.cli.demo.story import DISTRICT, DISTRICT_NAME, Narrator, assert_equal
from tui.i18n.translate import _

OFFICERS = ("酉小满", "申立秋", "未大雪")
ADDRESS = "https://central.invalid"
"""Where no network leads: what is told here uses none."""
INVITED_MS = 14 * 86_400_000
PASSES = 3
WEEK = ("周一", "周二", "周三", "周四", "周五")


class StickScenario:
    """Plays a week in ``folder``: calls ``tell`` with each sentence as it happens, and collects the ``facts``."""

    def __init__(self, folder: Path, tell: Narrator, officers: tuple[str, ...] = OFFICERS) -> None:
        self._central, self._stick = folder / "central", folder / "stick"
        self._tell, self._officers = tell, officers
        self.laptops = [DemoLaptop(folder / f"laptop-{number}") for number in range(1, len(officers) + 1)]
        self.facts: dict[str, object] = {}

    def play(self) -> None:
        """The whole story. Raises `DemoFailure` where something is not as it must be."""
        self.begin()
        self.write_week()
        for number in range(1, PASSES + 1):
            self.go_round(number)
        first, *others = [laptop.dump() for laptop in self.laptops]
        compared = [compare_dumps(first, other) for other in others]
        assert_equal([each.equal for each in compared], [True] * len(others))
        self._tell(_("All {n} laptops hold the same, byte for byte.").format(n=len(self.laptops)))
        self.facts |= {"laptops": len(self.laptops), "passes": PASSES, **compared[0]._asdict()}

    def begin(self) -> None:
        """A central, laptops that join it by files, and a sample table on all of them."""
        self._stick.mkdir()
        admin.create(self._central, DISTRICT, DISTRICT_NAME)
        self._tell(
            _("There is no network. A central, and {n} laptops; one stick goes round.").format(n=len(self.laptops))
        )
        for laptop, name in zip(self.laptops, self._officers, strict=True):
            self._join(laptop, name)
        self._tell(_("All have joined by files: an invitation, a join, an answer each."))
        with as_file(files("store.importing") / "sample.txt") as sample:
            self.laptops[0].import_sample(sample)
        self.go_round(0)

    def _join(self, laptop: DemoLaptop, name: str) -> None:
        made = admin.invite(self._central, name, "bureau", lifetime_ms=INVITED_MS)
        invited = InvitedPerson(name, str(made["code"]), system_clock_ms() + INVITED_MS)
        written = write_invitation(self._central, None, invited, ADDRESS, self._stick)
        settings, invitation = load_settings(laptop.home), read_invitation(written.file)
        make_invited_home(laptop.home, settings, invitation)
        write_join(laptop.home, settings, invitation, self._stick)
        answer_files(self._central, [self._stick], None)
        joined = join_by_answer(laptop.home, settings, [self._stick])
        assert_equal(joined is not None and joined.result.person_name, name)

    def write_week(self) -> None:
        """A week of everybody: a visit a day."""
        for day in WEEK:
            for laptop, name in zip(self.laptops, self._officers, strict=True):
                project = laptop.projects()[0].id
                laptop.log_visit(project, who=name, how="visit", text=f"{day}，{name}走访，企业反映用电事项。")
        visits = len(WEEK) * len(self.laptops)
        self._tell(
            _("A week passes: everybody logs a visit a day, {n} in all, and sees only their own.").format(n=visits)
        )

    def go_round(self, number: int) -> None:
        """The stick goes round: all write, the central answers, all take in. Round 0 is not told of."""
        written = [export_bundle(each.home, load_settings(each.home), self._stick) for each in self.laptops]
        answered = answer_files(self._central, [self._stick], None)
        assert_equal(answered.refused, [])
        taken = [import_bundles(each.home, load_settings(each.home), [self._stick]) for each in self.laptops]
        sent, received = sum(each.lines for each in written), sum(map(_received, taken))
        if number:
            text = _("Pass {number} of the stick: {sent} lines go to the central, {received} come back.")
            self._tell(text.format(number=number, sent=sent, received=received))
        if number == PASSES:
            assert_equal([_is_equal(each) for each in taken], [True] * len(taken))


def _received(taken: FolderResult) -> int:
    return sum(answer.result.pulled for answer in taken.answers)


def _is_equal(taken: FolderResult) -> bool:
    return any(answer.imported.equal for answer in taken.answers)
