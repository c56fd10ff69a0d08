"""What happens in a simulated district besides writing and rounds: to laptops, to the central, to its roles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from sync.central.accounts.scope import Grant
from tests.simulation.causality import versions_of
from tests.simulation.central import DISTRICT
from tests.simulation.laptop import Laptop
from tests.simulation.officer import Officer

if TYPE_CHECKING:
    from tests.simulation.world import World

SECOND, HOUR, DAY, YEAR = 1_000, 3_600_000, 86_400_000, 365 * 86_400_000
DRIFTS = (
    0,
    0,
    300,
    -1_500,
    45_000,
    -90_000,
    110_000,
    130_000,
    -HOUR,
    26 * HOUR,
    -1_790_000_000_000,
    73 * YEAR,
    9 * YEAR,
)
"""Offsets of laptops' clocks from the true time: they show 1970 to 2099."""
CENTRAL_DRIFTS = (-3 * HOUR, -90_000, 1_200_000, 3 * HOUR, 20 * HOUR, 20 * HOUR, 3 * DAY, 400 * DAY, -30 * DAY)
"""Offsets of the central's clock: some within its bounds, some beyond them."""
MOST_LAPTOPS, MOST_STATEMENTS = 12, 40


class Events:
    """The events of a world, by name. What they are about is decided by the world's seed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._dice = world.dice
        self._of_laptop: Mapping[str, Callable[[Laptop], None]] = {
            "clock": self._clock,
            "restart": Laptop.restart,
            "backup": self._backup,
            "restored backup": self._restored_backup,
            "copied home": self._copied_home,
            "twin": partial(self._copied_home, is_alike=True),
            "rejected lines": self.decide_rejected,
            "lost laptop": self._lose,
            "full disk": self._full_disk,
            "upgrade": self._upgrade,
        }
        self._of_central: Mapping[str, Callable[[], None]] = {
            "central restarts": world.central.restart,
            "copy of the central": world.central.keep_copy,
            "central set back": self._set_back,
            "roles": self._change_roles,
            "central's clock": self._central_clock,
            "full disk at the central": self._full_central,
            "database away": self._database_away,
        }

    def happen(self, event: str, laptop: Laptop) -> None:
        """The event, to this laptop or to the central."""
        if event in self._of_laptop:
            self._world.log(f"{laptop.name}: {event}")
            self._of_laptop[event](laptop)
        elif event == "contact":
            self._world.officer.do(laptop, Officer.contact)
        elif event == "close-out":
            self._close_out()
        else:
            self._world.log(f"central: {event}")
            self._of_central[event]()

    def all_is_well(self) -> None:
        """Disks have room and the central's clock is right."""
        self._world.central.set_clock(0)
        self._world.central.free_disk()
        for laptop in self._world.laptops:
            laptop.free_disk()

    def _close_out(self) -> None:
        """A bureau's officer approves what another has settled, or settles an issue."""
        world = self._world
        laptop = self._dice.choice([laptop for laptop in world.at_home() if world.roles[laptop.account] == "bureau"])
        world.officer.do(laptop, self._dice.choice((Officer.settle, Officer.approve)))

    # Laptops

    def _clock(self, laptop: Laptop) -> None:
        laptop.drift_ms = self._dice.choice(DRIFTS)
        self._world.log(f"  off by {laptop.drift_ms} ms")

    def _backup(self, laptop: Laptop) -> None:
        laptop.make_backup()
        laptop.backup_at = len(self._world.record.written)
        self._world.record.copied(laptop.name, f"{laptop.name} backup")

    def _restored_backup(self, laptop: Laptop) -> None:
        if laptop.backup:
            self._world.record.lost_disk(laptop.name, laptop.backup_at)
            self._world.record.copied(f"{laptop.name} backup", laptop.name, laptop.backup_unsent)
            laptop.restore_backup()

    def _copied_home(self, laptop: Laptop, *, is_alike: bool = False) -> None:
        if len(self._world.laptops) < MOST_LAPTOPS and not (is_alike and laptop.is_old):
            twin = laptop.copied_as(f"{laptop.name}-{len(self._world.journal)}", is_alike=is_alike)
            self._world.record.copied(laptop.name, twin.name, twin.unsent())
            self._world.laptops.append(twin)

    def _full_disk(self, laptop: Laptop) -> None:
        """The laptop's disk is full, or has room again."""
        if laptop.is_full:
            laptop.free_disk()
        else:
            laptop.fill_disk()

    @staticmethod
    def _upgrade(laptop: Laptop) -> None:
        if laptop.is_old:
            laptop.upgrade()

    def _lose(self, laptop: Laptop) -> None:
        world = self._world
        peers = [other for other in world.laptops if other.district == laptop.district]
        bureau = sum(world.roles[other.account] == "bureau" for other in peers)
        if len(peers) > 3 and (bureau > 1 or world.roles[laptop.account] != "bureau"):
            world.log(f"  {laptop.name} never returns")
            world.record.lost_disk(laptop.name, 0)
            world.laptops.remove(laptop)
            laptop.close()

    def decide_rejected(self, laptop: Laptop) -> None:
        """The officer decides about each rejected line: push it again, or discard it."""
        for line_id in sorted(i for i, state in laptop.waiting().items() if state == "rejected"):
            if self._dice.random() < 0.5:
                laptop.ledger.retry_rejected([line_id])
            else:
                self._world.record.given_up.add((laptop.name, line_id))
                laptop.ledger.discard_rejected(line_id)

    # The central

    def _set_back(self) -> None:
        world = self._world
        if world.central.has_copy:
            world.record.withdrawn |= world.central.withdrawals()
            world.log("  it has lost what came after the copy")
            world.central.free_disk()
            lost = world.record.expected_back(world.central.epoch) | versions_of(world.central.versions())
            world.record.copy_epoch = world.central.set_back(by_command=world.sets_back_by_command())
            held = {laptop.name: laptop.receipted() for laptop in world.laptops if not laptop.is_old}
            left = world.central.versions()
            world.record.set_back(versions_of(left), held, lost)
            earlier = [laptop.name for laptop in world.laptops if laptop.is_old]
            world.record.forget_numbers(earlier, [line for line in left if line.kind == "close_out"])
            self._some_never_return()

    def _some_never_return(self) -> None:
        """Some laptops never meet the central that was set back: what they alone have is lost."""
        world = self._world
        for laptop in [laptop for laptop in world.laptops if self._dice.random() < world.traits.departs]:
            self._lose(laptop)

    def _central_clock(self) -> None:
        """The central's clock goes wrong, or right again."""
        central = self._world.central
        central.set_clock(0 if central.off_ms else self._dice.choice(CENTRAL_DRIFTS))
        self._world.log(f"  off by {central.off_ms} ms")

    def _full_central(self) -> None:
        """The central's disk is full, or has room again."""
        if self._world.central.is_full:
            self._world.central.free_disk()
        else:
            self._world.central.fill_disk()

    def _database_away(self) -> None:
        self._world.central.lose_database(self._dice.randrange(MOST_STATEMENTS))

    # Roles

    def _change_roles(self) -> None:
        """Grant an account one more project or department, or withdraw one; the bureau's role stays."""
        world = self._world
        if world.central.is_full or not world.central.clock_is_believed:
            return
        at_home = [name for name in world.roles if world.central.district_of(name) == DISTRICT]
        account = self._dice.choice(sorted(name for name in at_home if world.roles[name] != "bureau"))
        role, held = world.roles[account], world.central.grants[account]
        if held and self._dice.random() < 0.5:
            gone = self._dice.choice(held)
            world.log(f"  withdrawn from {account}: {gone}")
            world.central.withdraw(account, gone)
        elif role == "department":
            self._give(account, Grant(role, None, self._dice.choice(world.units)))
        elif role in ("butler", "lead_leader"):
            self._give(account, Grant(role, self._dice.choice(world.projects)))
        else:
            self._give(account, Grant(role))

    def _give(self, account: str, grant: Grant) -> None:
        self._world.log(f"  granted to {account}: {grant}")
        if grant not in self._world.central.grants[account]:
            self._world.central.grant(account, grant)
