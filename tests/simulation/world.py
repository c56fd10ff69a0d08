"""One simulated district from its creation to its last quiet round. The seed decides every event."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

from sync.central.accounts.scope import Grant
from sync.exceptions import DeviceRefused
from tests.simulation.central import DISTRICT, NEIGHBOUR, DatabaseServer, SimulatedCentral
from tests.simulation.courier import Courier
from tests.simulation.events import DRIFTS, HOUR, SECOND, Events
from tests.simulation.laptop import Laptop
from tests.simulation.network import Network
from tests.simulation.officer import Officer
from tests.simulation.record import Record
from tests.simulation.stick import Stick
from tests.simulation.traits import Traits, draw, on_server
from tests.store.devices import START_MS

SWEEPS = 8
EXCHANGING = 0.7
"""How many laptops speak protocol 2, but for those of an earlier version."""
LAST_SENDING_SWEEP = 2
"""After the third quiet round of a device nothing of it waits to be sent; what was rejected stays."""


class World:
    """A district: its central, its laptops, the true time, and the record of events. ``first``: without the calamities
    that were added later (`MORE_CALAMITIES`); ``server``: where the central's database is PostgreSQL."""

    def __init__(
        self,
        seed: int,
        folder: Path,
        *,
        short: bool = False,
        first: bool = False,
        server: DatabaseServer | None = None,
    ) -> None:
        self.seed = seed
        self.dice = Random(seed)
        self._first = first
        self._more = Random(f"{seed} more")
        self._spoken = Random(f"{seed} spoken")
        self._device_bytes = Random(f"{seed} devices").randbytes
        self.traits: Traits = draw(self.dice, None if first else self._more, short=short)
        if server is not None:
            self.traits.happenings = on_server(self.traits.happenings)
        self.now_ms = START_MS
        self.journal: list[str] = []
        self.record = Record()
        districts = (DISTRICT, NEIGHBOUR) if self.traits.neighbours else (DISTRICT,)
        central_bytes = Random(f"{seed} central").randbytes
        self.central = SimulatedCentral(folder / "central", self.true_time, central_bytes, districts, server)
        self.network = Network(self.central, self.record, self.dice, Random(f"{seed} cuts"), self.log)
        self.officer = Officer(seed, self.dice, self.record, self.log)
        self.folder = folder
        self.laptops: list[Laptop] = []
        self.roles: dict[str, str] = {}
        self.projects: list[str] = []
        self.units: list[str] = []
        self.unsent: list[str] = []
        self.events = Events(self)
        self.stick = Stick(seed, folder / "stick", self.network, self.record)
        self.courier = Courier(seed, folder, self.stick)
        self.network.on_handed_in = self.courier.note

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
        self.events.all_is_well()
        await self.quiet()

    def sets_back_by_command(self) -> bool:
        """Whether the operator restores with the program's command this time, rather than by copying files."""
        return not self._first and self._more.random() < 0.5

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
        if self.traits.neighbours:
            await self._found_next_door()
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

    async def _found_next_door(self) -> None:
        await self._enrol("邻区局长", Grant("bureau"), district=NEIGHBOUR)
        bureau = self.laptops[-1]
        self.officer.new_unit(bureau)
        self.officer.new_project(bureau)
        await self.rounds([bureau])
        project = next(i for i, line in bureau.lines().items() if line.kind == "project")
        await self._enrol("邻区管家", Grant("butler", project), district=NEIGHBOUR)

    async def _enrol(self, account: str, *grants: Grant, devices: int = 1, district: str = DISTRICT) -> None:
        self.roles[account] = grants[0].role
        for n in range(devices):
            name, chance = f"{account}-{n}", self._device_bytes
            laptop = Laptop(name, account, district, self.folder, self.network, self.true_time, chance)
            laptop.is_old = self._more.random() < self.traits.old
            laptop.exchanges = not self._first and self._spoken.random() < EXCHANGING
            laptop.page, laptop.batch = self.dice.choice(self.traits.pages), self.dice.choice(self.traits.pages)
            laptop.drift_ms = self.dice.choice(DRIFTS) if self.traits.drifts else 0
            self.log(f"{laptop.name} joins, clock off by {laptop.drift_ms} ms, pages of {laptop.page}")
            await self._join(laptop, *grants)
            self.laptops.append(laptop)

    async def _join(self, laptop: Laptop, *grants: Grant) -> None:
        code = self.central.code(laptop.district, laptop.account, *grants)
        faults, self.network.fault_rate = self.network.fault_rate, 0.0
        task = asyncio.create_task(laptop.join(code))
        await self.network.gate.conduct({laptop.name: task}, lambda _: True, lambda names: names[0])
        self.network.fault_rate = faults
        task.result()

    # A beat

    async def _beat(self) -> None:
        self.now_ms += self.dice.choice((SECOND, 20 * SECOND, 400 * SECOND, HOUR, 9 * HOUR))
        happenings = self.traits.happenings
        happening = self.dice.choices(list(happenings), list(happenings.values()))[0]
        laptop = self.dice.choice(self.at_home())
        match happening:
            case "write":
                self.officer.act(laptop, self.roles[laptop.account])
            case "rounds":
                await self.rounds(self.dice.sample(self.laptops, min(self.dice.randint(1, 3), len(self.laptops))))
            case "late request":
                await self.network.deliver_late()
            case "neighbours":
                await self._next_door(self.dice.choice([it for it in self.laptops if it.district == NEIGHBOUR]))
            case "central's clock":
                await self._clock_jumps(happening, laptop)
            case _:
                self.events.happen(happening, laptop)
        await self.stick.pass_round(self.at_home(), self.log)
        await self.courier.pass_round(self.at_home(), self.log)

    def at_home(self) -> list[Laptop]:
        """The laptops of the district that it is about, not those of the neighbouring one."""
        return [laptop for laptop in self.laptops if laptop.district == DISTRICT]

    async def _clock_jumps(self, jump: str, laptop: Laptop) -> None:
        """The central's clock jumps, laptops write and sync at once, and in half of the cases it is soon right again:
        else the true time would pass what was stamped meanwhile before anybody sees it in the future."""
        for _ in range(1 + (self.dice.random() < 0.5)):
            self.events.happen(jump, laptop)
            for busy in (laptop, self.dice.choice(self.at_home())):
                self.officer.act(busy, self.roles[busy.account])
                await self.rounds([busy])
            self.now_ms += 20 * SECOND

    async def _next_door(self, laptop: Laptop) -> None:
        """A laptop of the other district writes, or syncs."""
        if self.dice.random() < 0.7:
            self.officer.act(laptop, self.roles[laptop.account])
        else:
            await self.rounds([laptop])

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
            self.record.show(laptop.name, laptop.lines().values(), laptop.waiting() if laptop.is_old else ())
            if not tasks[laptop.name].cancelled():
                tasks[laptop.name].result()
            if laptop.last == DeviceRefused.code and not (self.central.is_full or self.central.off_ms):
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
