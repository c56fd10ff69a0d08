"""Writers, daemons and central killed with SIGKILL at random moments, while work goes on.

After all the killing: every line that a ledger had acknowledged is on its device, current or in a history; every line
that the central had acknowledged is at the central; every file is sound; nobody ever met a locked database; and all
converge to equal bytes. `GUANJIA_KILLS` says how many processes die (the default is 60).
"""

from __future__ import annotations

from collections import Counter
from random import Random, randrange

import pytest

from store.home.drafts import unsaved_drafts
from tests.kill import lives
from tests.kill.keeper import Keeper
from tests.kill.lives import KILLS
from tests.kill.office import Office, check_at_central, check_kept, check_nobody_was_locked_out, check_sound
from tests.sync.laptops import agree

pytestmark = pytest.mark.soak
FOREVER = 1_000_000
WRITES = 5
"""So much at least is acknowledged to a writer before it dies for the last time."""


def share(of_hundred: int) -> int:
    """How many of all kills."""
    return max(1, KILLS * of_hundred // 100)


def keepers_of(office: Office, dice: Random) -> dict[str, Keeper]:
    """Two writers and a daemon in one home, a writer and a daemon in the other, and the central."""
    one, two = (laptop.home.path for laptop in office.laptops)

    def keeper(name: str, of_hundred: int, longest_s: float, facts: int = 0) -> Keeper:
        return Keeper(name, office.folder, share(of_hundred), longest_s, Random(dice.random()), facts)

    return {
        "甲-1": keeper("甲-1", 20, 0.25, WRITES).keeps(lives.writer, one, 1, FOREVER, 0.01),
        "甲-2": keeper("甲-2", 20, 0.25, WRITES).keeps(lives.writer, one, 2, FOREVER, 0.01),
        "乙-1": keeper("乙-1", 20, 0.25, WRITES).keeps(lives.writer, two, 3, FOREVER, 0.01),
        "甲-daemon": keeper("甲-daemon", 13, 0.6).keeps(lives.daemon, one),
        "乙-daemon": keeper("乙-daemon", 13, 0.6).keeps(lives.daemon, two),
        "central": keeper("central", 14, 0.8).keeps(lives.central, office.data_dir, office.port),
    }


@pytest.mark.needs("linux")
def test_whatever_is_killed_nothing_acknowledged_is_lost(office: Office) -> None:
    """Writers, daemons and the central die some hundred times while all of them work; then everybody agrees."""
    seed = randrange(1 << 32)
    print(f"seed {seed}")
    keepers = keepers_of(office, Random(seed))
    for keeper in keepers.values():
        keeper.start()
    for keeper in keepers.values():
        keeper.join()
    check_nobody_was_locked_out(list(keepers.values()))
    assert sum(keeper.killed for keeper in keepers.values()) >= KILLS * 0.95
    one, two = office.laptops
    assert check_kept(one, [keepers["甲-1"], keepers["甲-2"]]) and check_kept(two, [keepers["乙-1"]])
    assert check_at_central(office, one) and check_at_central(office, two)
    check_sound(office)
    with office.central():
        agree(one, two)
        check_sound(office)
    assert check_kept(one, [keepers["甲-1"], keepers["甲-2"]]) and check_kept(two, [keepers["乙-1"]])


@pytest.mark.needs("linux")
def test_a_form_is_saved_exactly_once_whatever_is_killed(office: Office) -> None:
    """Two people save forms and die at random moments: what each typed is one visit or a draft, never twice or both."""
    seed = randrange(1 << 32)
    print(f"seed {seed}")
    dice, laptop = Random(seed), office.laptops[0]
    keepers = [
        Keeper(f"form-{n}", office.folder, share(12), 0.2, Random(dice.random()), share(12) // 2 + 1) for n in range(2)
    ]
    for n, keeper in enumerate(keepers):
        keeper.keeps(lives.form, laptop.home.path, n)
    for keeper in keepers:
        keeper.start()
    for keeper in keepers:
        keeper.join()
    check_nobody_was_locked_out(keepers)
    typed = [fact["typed"] for keeper in keepers for fact in keeper.facts()]
    with laptop.open() as device:
        connection, state = device.ledger.database.connection(), device.ledger.device_state
        visits = Counter(line.body.get("text") for line in laptop.lines().values() if line.kind == "visit")
        unfinished = Counter(draft.body["text"] for draft in unsaved_drafts(connection, state))
    assert len(typed) > len(keepers) * share(12) / 2
    assert {text: visits[text] + unfinished[text] for text in typed} == dict.fromkeys(typed, 1)
    check_sound(office)


@pytest.mark.needs("linux")
def test_two_processes_write_one_home_at_once(office: Office) -> None:
    """Two writers at full speed and rounds beside them: nobody meets a locked database, and every line is there."""
    home, done = office.laptops[0].home.path, office.folder / "done"
    keepers = [Keeper(f"writer-{n}", office.folder, 1, 0, Random()) for n in range(2)]
    syncing = Keeper("rounds", office.folder, 1, 0, Random()).keeps(lives.rounds, home, done)
    with office.central():
        processes = [keeper.keeps(lives.writer, home, n, 150, 0.0).begin() for n, keeper in enumerate(keepers)]
        others = syncing.begin()
        for process in processes:
            process.join()
        done.touch()
        others.join()
    assert [process.exitcode for process in (*processes, others)] == [0, 0, 0]
    check_nobody_was_locked_out([*keepers, syncing])
    assert check_kept(office.laptops[0], keepers) > 300
    check_sound(office)
