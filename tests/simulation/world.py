"""One simulated district from its creation to its last quiet round. The seed decides every event."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

from sync.central.accounts.scope import Grant
from sync.exceptions import DeviceRefused
from tests.simulation.central import DISTRICT, SimulatedCentral
from tests.simulation.laptop import Laptop
from tests.simulation.network import Network
from tests.simulation.officer import Officer
from tests.simulation.record import Record
from tests.simulation.traits import Traits, draw
from tests.store.devices import START_MS

SECOND, HOUR, YEAR = 1_000, 3_600_000, 365 * 86_400_000
DRIFTS = (0, 0, 300, -1_500, 45_000, -90_000, 110_000, 130_000, -HOUR, 26 * HOUR, -START_MS, 73 * YEAR, 9 * YEAR)
"""Offsets of clocks from the true time: they show 1970 to 2099."""
SWEEPS = 8
LAST_SENDING_SWEEP = 2
"""After the third quiet round of a device nothing of it waits to be sent; what was rejected stays."""


class World:
    """A district: its central, its laptops, the true time, and the record of events."""

    def __init__(self, seed: int, folder: Path, *, short: bool = False) -> None:
        self.seed = seed
        self.dice = Random(seed)
        self._device_bytes = Random(f"{seed} devices").randbytes
        self.traits: Traits = draw(self.dice, short=short)
        self.now_ms = START_MS
        self.journal: list[str] = []
        self.record = Record()
        self.central = SimulatedCentral(folder / "central", self.true_time, Random(f"{seed} central").randbytes)
        self.network = Network(self.central, self.record, self.dice, self.log)
        self.officer = Officer(seed, self.dice, self.record, self.log)
        self.folder = folder
        self.laptops: list[Laptop] = []
        self.roles: dict[str, str] = {}
        self.projects: list[str] = []
        self.units: list[str] = []
        self.unsent: list[str] = []

    def true_time(self) -> int:
        """The true time, in milliseconds since 1970; laptops do not know it."""
        return self.now_ms

    def log(self, text: str) -> None:
        """Add to the journal that a failing seed prints."""
        self.journal.append(f"{(self.now_ms - START_MS) / SECOND:9.1f} {text}")

    async def play(self) -> None:
        """Run all events, and the quiet rounds at the end."""
        await self._found()
        self.network.fault_rate = self.traits.faults
        for _ in range(self.traits.beats):
            await self._beat()
        self.network.fault_rate = 0.0
        await self.quiet()

    def close(self) -> None:
        """Close every file."""
        for laptop in self.laptops:
            laptop.close()
        self.central.stop()

    # Creation

    async def _found(self) -> None:
        await self._enrol("局长", Grant("bureau"), devices=self.traits.bureau_devices)
        bureau = self.laptops[0]
        await self._enrol("副局长", Grant("bureau"))
        for _ in range(2):
            self.officer.new_unit(bureau)
            self.officer.new_person(bureau)
        for _ in range(self.traits.projects):
            self.officer.new_project(bureau)
        await self.rounds([bureau])
        self.projects = sorted(i for i, line in bureau.lines().items() if line.kind == "project")
        self.units = sorted(i for i, line in bureau.lines().items() if line.kind == "unit")
        for n in range(self.traits.butlers):
            own = [Grant("butler", project) for project in self.projects[n :: self.traits.butlers]]
            await self._enrol(f"管家{n}", *own, devices=self.traits.butler_devices)
        for n, unit in enumerate(self.units[:2]):
            await self._enrol(f"部门{n}", Grant("department", None, unit))
        for role in self.traits.others:
            place = self.dice.choice(self.projects) if role == "lead_leader" else None
            await self._enrol(role, Grant(role, place))

    async def _enrol(self, account: str, *grants: Grant, devices: int = 1) -> None:
        self.roles[account] = grants[0].role
        for n in range(devices):
            laptop = Laptop(f"{account}-{n}", account, self.folder, self.network, self.true_time, self._device_bytes)
            laptop.page, laptop.batch = self.dice.choice(self.traits.pages), self.dice.choice(self.traits.pages)
            laptop.drift_ms = self.dice.choice(DRIFTS) if self.traits.drifts else 0
            self.log(f"{laptop.name} joins, clock off by {laptop.drift_ms} ms, pages of {laptop.page}")
            await self._join(laptop, *grants)
            self.laptops.append(laptop)

    async def _join(self, laptop: Laptop, *grants: Grant) -> None:
        code = self.central.code(laptop.account, *grants)
        faults, self.network.fault_rate = self.network.fault_rate, 0.0
        task = asyncio.create_task(laptop.join(code, DISTRICT))
        await self.network.gate.conduct({laptop.name: task}, lambda _: True, lambda names: names[0])
        self.network.fault_rate = faults
        task.result()

    # A beat

    async def _beat(self) -> None:
        self.now_ms += self.dice.choice((SECOND, 20 * SECOND, 400 * SECOND, HOUR, 9 * HOUR))
        happenings = self.traits.happenings
        happening = self.dice.choices(list(happenings), list(happenings.values()))[0]
        laptop = self.dice.choice(self.laptops)
        match happening:
            case "write":
                self.officer.act(laptop, self.roles[laptop.account])
            case "rounds":
                await self.rounds(self.dice.sample(self.laptops, min(self.dice.randint(1, 3), len(self.laptops))))
            case "close-out":
                self._close_out()
            case "late request":
                await self.network.deliver_late()
            case "clock" | "restart" | "backup" | "restored backup" | "copied home" | "rejected lines" | "lost laptop":
                self._to_laptop(laptop, happening)
            case _:
                self._to_central(happening)

    def _close_out(self) -> None:
        """A bureau's officer approves what another has settled, or settles an issue."""
        laptop = self.dice.choice([laptop for laptop in self.laptops if self.roles[laptop.account] == "bureau"])
        act = self.dice.choice((self.officer.settle, self.officer.approve))
        self.log(f"{laptop.name} writes: {act.__name__}")
        act(laptop)

    def _to_laptop(self, laptop: Laptop, happening: str) -> None:
        self.log(f"{laptop.name}: {happening}")
        if happening == "clock":
            laptop.drift_ms = self.dice.choice(DRIFTS)
            self.log(f"  off by {laptop.drift_ms} ms")
        elif happening == "restart":
            laptop.restart()
        elif happening == "backup":
            laptop.make_backup()
            laptop.backup_at = len(self.record.written)
            self.record.copied(laptop.name, f"{laptop.name} backup")
        elif happening == "restored backup" and laptop.backup:
            self.record.lost_disk(laptop.name, laptop.backup_at)
            self.record.copied(f"{laptop.name} backup", laptop.name, laptop.backup_unsent)
            laptop.restore_backup()
        elif happening == "copied home" and len(self.laptops) < 12:
            twin = laptop.copied_as(f"{laptop.name}-{len(self.journal)}")
            self.record.copied(laptop.name, twin.name, twin.unsent())
            self.laptops.append(twin)
        elif happening == "rejected lines":
            self.decide_rejected(laptop)
        elif happening == "lost laptop":
            self._lose(laptop)

    def _to_central(self, happening: str) -> None:
        self.log(f"central: {happening}")
        if happening == "central restarts":
            self.central.restart()
        elif happening == "copy of the central":
            self.central.keep_copy()
        elif happening == "central set back" and self.central.has_copy:
            self.record.withdrawn |= self.central.withdrawals()
            self.log("  it has lost what came after the copy")
            self.central.set_back()
            held = {laptop.name: laptop.receipted() for laptop in self.laptops}
            self.record.set_back(self.central.versions(), held)
            self._some_never_return()
        elif happening == "roles":
            self._change_roles()

    def _some_never_return(self) -> None:
        """Some laptops never meet the central that was set back: what they alone have is lost."""
        for laptop in [laptop for laptop in self.laptops if self.dice.random() < self.traits.departs]:
            self._lose(laptop)

    def _lose(self, laptop: Laptop) -> None:
        bureau = sum(self.roles[other.account] == "bureau" for other in self.laptops)
        if len(self.laptops) > 3 and (bureau > 1 or self.roles[laptop.account] != "bureau"):
            self.log(f"  {laptop.name} never returns")
            self.record.lost_disk(laptop.name, 0)
            self.laptops.remove(laptop)
            laptop.close()

    def _change_roles(self) -> None:
        """Grant an account one more project or department, or withdraw one; the bureau's role stays."""
        account = self.dice.choice(sorted(name for name, role in self.roles.items() if role != "bureau"))
        role, held = self.roles[account], self.central.grants[account]
        if held and self.dice.random() < 0.5:
            gone = self.dice.choice(held)
            self.log(f"  withdrawn from {account}: {gone}")
            self.central.withdraw(account, gone)
        elif role == "department":
            self._give(account, Grant(role, None, self.dice.choice(self.units)))
        elif role in ("butler", "lead_leader"):
            self._give(account, Grant(role, self.dice.choice(self.projects)))
        else:
            self._give(account, Grant(role))

    def _give(self, account: str, grant: Grant) -> None:
        self.log(f"  granted to {account}: {grant}")
        if grant not in self.central.grants[account]:
            self.central.grant(account, grant)

    def decide_rejected(self, laptop: Laptop) -> None:
        """The officer decides about each rejected line: push it again, or discard it."""
        for line_id in sorted(i for i, state in laptop.waiting().items() if state == "rejected"):
            if self.dice.random() < 0.5:
                laptop.ledger.retry_rejected([line_id])
            else:
                self.record.given_up.add((laptop.name, line_id))
                laptop.ledger.discard_rejected(line_id)

    # Rounds

    async def rounds(self, laptops: list[Laptop]) -> None:
        """Concurrent rounds of these laptops; an officer may write while their laptop's round runs."""
        self.log("rounds of " + ", ".join(laptop.name for laptop in laptops))
        by_name = {laptop.name: laptop for laptop in laptops}
        tasks = {name: asyncio.create_task(laptop.round()) for name, laptop in by_name.items()}

        def choose(waiting: list[str]) -> str:
            chosen = self.dice.choice(waiting)
            if self.dice.random() < self.traits.busy:
                self.officer.act(by_name[chosen], self.roles[by_name[chosen].account])
            if self.dice.random() < self.network.fault_rate / 5:
                self.log(f"  {chosen} interrupted")
                tasks[chosen].cancel()
            return chosen

        await self.network.gate.conduct(tasks, lambda name: not by_name[name].device.working, choose)
        for laptop in laptops:
            self.log(f"  {laptop.name}: {laptop.last}")
            self.record.show(laptop.name, laptop.lines().values())
            if not tasks[laptop.name].cancelled():
                tasks[laptop.name].result()
            if laptop.last == DeviceRefused.code:
                await self._join(laptop)

    async def quiet(self) -> None:
        """Rounds of all, one after another and without faults, until no round of a sweep moves a line."""
        busy, self.traits.busy = self.traits.busy, 0.0
        for sweep in range(SWEEPS):
            for laptop in self.laptops:
                self.now_ms += SECOND
                await self.rounds([laptop])
            if sweep == LAST_SENDING_SWEEP:
                self.unsent += [laptop.name for laptop in self.laptops if "pending" in laptop.waiting().values()]
            if all(laptop.at_rest for laptop in self.laptops):
                break
        self.traits.busy = busy
        self.log("quiet")

    async def clear_rejected(self) -> None:
        """Every officer discards the rejected lines; then quiet rounds again."""
        for laptop in self.laptops:
            for line_id in sorted(i for i, state in laptop.waiting().items() if state == "rejected"):
                self.record.given_up.add((laptop.name, line_id))
                laptop.ledger.discard_rejected(line_id)
        await self.quiet()
