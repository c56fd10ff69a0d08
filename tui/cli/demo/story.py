"""The demo's scenario on real parts: every fact is read back from the stores, and what differs from the expected
fails."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

from store.exceptions import GuanjiaError
from store.importing.import_report import ImportReport
from store.ledger.hlc import system_clock_ms
from store.ledger.line import new_id
from store.queries.lines import Version
from sync.exceptions import CentralUnreachable
from tui.cli.demo.central import DemoCentral
from tui.cli.demo.laptop import DemoLaptop, compare_dumps
from tui.cli.demo.year import (
    BUREAU_OFFICER,
    BUTLER,
    CO_HANDLED_ISSUE,
    CO_HANDLERS,
    NEXT_BUTLER,
    DemoYear,
    set_up_district,
)
from tui.cli.output import rows_json
from tui.i18n.translate import _

DISTRICT, DISTRICT_NAME, OFFICER = "210903", "新邱区", "酉小满"
DECLARED_IN_SAMPLE, FOUND_IN_SAMPLE = 20, 9
ISSUE_TEXT_A = "供电公司答复：周五前接通临时用电。"
ISSUE_TEXT_B = "供电公司答复：变压器到货后才能接通。"
NOTE_A = "企业计划明年一季度试生产，用电负荷需在年底前落实。"
NOTE_B = "企业计划明年二季度试生产，用电负荷需在三月底前落实。"
Narrator = Callable[[str], None]


class DemoFailure(GuanjiaError):
    """Something in the demo was not as it must be."""

    code = "demo_failed"
    what = "The demo expected {expected}, but found {found}."
    data = "It works in folders of its own; nothing of yours was touched."
    remedy = "Run “guanjia demo --no-tui --home DIR” to keep its folders, and “guanjia doctor --home DIR/laptop-a”."


def assert_equal(actual: object, expected: object) -> None:
    """Raises `DemoFailure` unless both are equal."""
    if actual != expected:
        raise DemoFailure(expected=expected, found=actual)


class DemoScenario:
    """Plays the story in ``folder``: calls ``tell`` with each sentence as it happens, and collects the ``facts``."""

    def __init__(self, folder: Path, central: DemoCentral, tell: Narrator) -> None:
        self.central = central
        self._folder = folder
        self.a = DemoLaptop(folder / "laptop-a")
        self.b = DemoLaptop(folder / "laptop-b")
        self.facts: dict[str, object] = {"home": str(folder), "laptop_a": str(self.a.home.path)}
        self.facts["laptop_b"] = str(self.b.home.path)
        self._tell = tell
        self._issue = ""

    def play(self) -> None:
        """The whole story. Raises `DemoFailure`."""
        self._work_standalone()
        self._join()
        self._offline()
        self._online()
        self._restore()
        self._leave_conflict()

    def play_year(self) -> None:
        """After the story: a year of the district, in every register. Raises `DemoFailure`."""
        today_ms = system_clock_ms()
        bureau, butler = DemoLaptop(self._folder / "bureau"), DemoLaptop(self._folder / "butler")
        self._enrol(bureau, BUREAU_OFFICER, "bureau")
        self._enrol(butler, BUTLER, "butler")
        butler.sync()
        bureau.sync()
        set_up_district(bureau, today_ms)
        bureau.sync()
        places = bureau.projects()
        self.central.grant(BUTLER, "butler", [place.id for place in places])
        self._tell(_("A year of the district is played, month after month: a butler writes, the bureau answers."))
        year = DemoYear(places, today_ms=today_ms)
        year.plan()
        for _month in year.play_months(butler, bureau):
            pass
        butler.name_stand_in(OFFICER, "+5")
        butler.sync()
        self.a.sync()
        self.a.log_visit_for(BUTLER, places[0].id, "代为走访，企业反映用电已恢复。")
        self.a.sync()
        self.b.sync()
        lines = self.a.status().lines
        text = _("  {projects} projects, {lines} lines in every register; every state of an issue is there.")
        self._tell(text.format(projects=len(places), lines=lines))
        self._check_co_handled()
        powers = self._check_powers(butler)
        self.facts["year"] = {"projects": len(places), "lines": lines, "agreed": self._check_dumps_equal(), **powers}

    def _check_co_handled(self) -> None:
        """Both laptops know which departments have spoken on an issue that several handle."""
        said = {each.department: each.owed for each in self.b.co_handlers(CO_HANDLED_ISSUE)}
        assert_equal(said, {CO_HANDLERS[0]: False, CO_HANDLERS[1]: True})
        assert_equal(self.a.co_handlers(CO_HANDLED_ISSUE), self.b.co_handlers(CO_HANDLED_ISSUE))
        text = _("  One issue is co-handled: {spoken} has given its opinion, {owed} still owes it.")
        self._tell(text.format(spoken=CO_HANDLERS[0], owed=CO_HANDLERS[1]))

    def _check_powers(self, butler: DemoLaptop) -> dict[str, object]:
        """The handed-over project has left the laptop of who had it; everybody knows who stands in for the butler, and
        what was written in that place carries both names."""
        rest = {place.id for place in butler.projects()}
        left = [place for place in self.a.projects() if place.id not in rest]
        assert_equal([place.butler for place in left], [NEXT_BUTLER])
        author, now = f"{OFFICER}（代{BUTLER}）", [(row.person, row.principal) for row in self.b.stand_ins()]
        assert_equal(self.b.written_in_place(), [author])
        assert_equal(now, [(OFFICER, BUTLER)])
        text = _("  {project} is handed over from {giver} to {taker}: it has left the laptop of {giver}.")
        self._tell(text.format(project=left[0].name, giver=BUTLER, taker=NEXT_BUTLER))
        text = _("  {person} stands in for {principal}; what was written in that place carries both names: {author}.")
        self._tell(text.format(person=OFFICER, principal=BUTLER, author=author))
        return {"handed_over": left[0].id, "in_place": author}

    def _enrol(self, laptop: DemoLaptop, name: str, role: str) -> None:
        district = {"district": DISTRICT, "district_name": DISTRICT_NAME}
        laptop.init_home({**district, "person": new_id(), "person_name": name})
        laptop.join(self.central.address, self.central.invite(name, role))

    def _work_standalone(self) -> None:
        """Laptop A works before there is any central."""
        person = {"person": new_id(), "person_name": OFFICER}
        self.a.init_home({"district": DISTRICT, "district_name": DISTRICT_NAME, **person})
        with as_file(files("store.importing").joinpath("sample.txt")) as sample:
            report = self.a.import_sample(sample)
        self._check_import(report)
        first = self.a.projects()[0]
        self._issue = self.a.record_issue(
            first.id, title="临时用电没有批下来", category="utilities", text="企业反映施工用电不足。"
        )
        self._tell(_("An issue is recorded for project {number}, {name}.").format(number=first.number, name=first.name))

    def _check_import(self, report: ImportReport) -> None:
        section = report.sections[0]
        projects = self.a.projects()
        assert_equal((section.declared, section.project_count), (DECLARED_IN_SAMPLE, FOUND_IN_SAMPLE))
        assert_equal((report.projects.added, len(projects)), (FOUND_IN_SAMPLE, FOUND_IN_SAMPLE))
        self.facts["imported"] = {**report.to_json(_), "listed": len(projects)}
        text = _("Laptop A of {officer} reads the responsibility table, with no network: {found} projects.")
        self._tell(text.format(officer=OFFICER, found=len(projects)))
        note = _("  The table declares {declared} and has {found}: a warning, not an error.")
        self._tell(note.format(declared=section.declared, found=section.project_count))

    def _join(self) -> None:
        """A central appears; both laptops join it, and B receives what A knows."""
        code = self.central.create(DISTRICT, DISTRICT_NAME)
        self.facts["central"] = address = self.central.start()
        self.a.join(address, code)
        sent = self.a.sync()
        self.b.join(address, self.central.invite(OFFICER, "bureau"))
        received = self.b.sync()
        assert_equal((sent.verified, received.verified, sent.pending), (True, True, 0))
        assert_equal(len(self.b.projects()), FOUND_IN_SAMPLE)
        text = _(
            "A central starts at {address}. A joins and sends {sent} lines; laptop B joins and receives {received}."
        )
        self._tell(text.format(address=address, sent=sent.pushed, received=received.pulled))
        self.facts["joined"] = {"sent_by_a": sent.to_json(), "received_by_b": received.to_json()}

    def _offline(self) -> None:
        """No network: both log a visit, and both change the same issue line."""
        self.central.stop()
        first, second = self.a.projects()[:2]
        on_a = self.a.log_visit(first.id, place="施工现场", who=OFFICER, text="塔吊已进场，临时用电仍不足。")
        on_b = self.b.log_visit(second.id, how="phone", who=OFFICER, text="电话回访：设备预计下周到货。")
        self.a.change_issue(self._issue, ISSUE_TEXT_A)
        self.b.change_issue(self._issue, ISSUE_TEXT_B, after=self.a.stamp_of(self._issue))
        unsent = {name: self._check_offline_round(laptop) for name, laptop in (("a", self.a), ("b", self.b))}
        self.facts["offline"] = {"visit_on_a": on_a, "visit_on_b": on_b, "issue": self._issue, "unsent": unsent}
        self._tell(
            _("The network is cut. Both laptops go on working: each logs a visit and changes the same issue line.")
        )
        self._tell(_("  A: {text}").format(text=self.a.issue_text(self._issue)))
        self._tell(_("  B: {text}").format(text=self.b.issue_text(self._issue)))
        self._tell(_("  Unsent: {a} lines on A, {b} on B; a round says so and loses nothing.").format(**unsent))

    def _check_offline_round(self, laptop: DemoLaptop) -> int:
        """How many lines wait there, once a round has really failed for want of a network."""
        try:
            laptop.sync()
        except CentralUnreachable:
            unsent = laptop.status().pending
            assert_equal(unsent, 2)
            return unsent
        raise DemoFailure(expected="no network", found="a round")

    def _online(self) -> None:
        """The network is back: both send, and both end equal, byte for byte."""
        self.central.start()
        rounds = [self.a.sync(), self.b.sync(), self.a.sync()]
        self.facts["online"] = {"rounds": rows_json(rounds)}
        self._tell(_("The network is back. Each laptop syncs; A once more, to receive what B sent."))
        self.facts["agreed"] = self._check_dumps_equal()
        lost = [version for version in self.a.history(self._issue) if version.reason == "superseded"]
        won = [version for version in self.a.history(self._issue) if version.current]
        assert_equal([version.body["text"] for version in lost], [ISSUE_TEXT_A])
        assert_equal([version.body["text"] for version in won], [ISSUE_TEXT_B])
        assert_equal([laptop.issue_text(self._issue) for laptop in (self.a, self.b)], [ISSUE_TEXT_B, ISSUE_TEXT_B])
        self._tell_conflict(won[0], lost[0])

    def _tell_conflict(self, won: Version, lost: Version) -> None:
        self.facts["conflict"] = {"line": self._issue, "won": won.to_json(), "lost": lost.to_json()}
        self._tell(
            _("Both had changed the issue without knowing of each other: the latest stamp wins, nothing is lost.")
        )
        for text, version in (
            (_("  won:  {text} ({at})"), won),
            (_("  lost: {text} ({at}), kept in the history"), lost),
        ):
            self._tell(text.format(text=version.body["text"], at=version.at))

    def _check_dumps_equal(self) -> dict[str, object]:
        comparison = compare_dumps(self.a.dump(), self.b.dump())
        assert_equal(comparison.equal, True)
        text = _("  Both dumps are equal: {lines} lines, {bytes} bytes, SHA-256 {sum} …")
        lines, size, checksum = comparison.lines, comparison.size_bytes, comparison.sha256[0][:16]
        self._tell(text.format(lines=lines, bytes=size, sum=checksum))
        return comparison.to_json()

    def _restore(self) -> None:
        """What lost is brought back on A as a new version, and is then current everywhere."""
        before = self.a.history(self._issue)
        lost = next(version for version in before if version.reason == "superseded")
        self.a.restore(self._issue, lost)
        rounds = [self.a.sync(), self.b.sync()]
        after = self.a.history(self._issue)
        assert_equal(len(after), len(before) + 1)
        assert_equal([laptop.issue_text(self._issue) for laptop in (self.a, self.b)], [ISSUE_TEXT_A, ISSUE_TEXT_A])
        text = _("A restores version {old}: it comes back as version {new}, and after a round it is current on B, too.")
        self._tell(text.format(old=lost.version, new=after[-1].version))
        versions = [version.to_json() for version in after]
        self.facts["restored"] = {
            "from": lost.version,
            "rounds": rows_json(rounds),
            "history": versions,
            "agreed": self._check_dumps_equal(),
        }

    def _leave_conflict(self) -> None:
        """Both change a project's note without knowing of each other; what lost is left for the reader to look at."""
        project = self.a.projects()[0].id
        self.a.change_note(project, NOTE_A)
        self.b.change_note(project, NOTE_B, after=self.a.stamp_of(project))
        rounds = [self.a.sync(), self.b.sync(), self.a.sync()]
        lost = [version for version in self.a.history(project) if version.reason == "superseded"]
        assert_equal([version.body["note"] for version in lost], [NOTE_A])
        self._tell(
            _("Both change a project’s note as well. What lost there is left for you: “guanjia conflicts”, key l.")
        )
        self.facts["left"] = {"project": project, "rounds": rows_json(rounds), "agreed": self._check_dumps_equal()}
