"""How long tokens live: from round to round, until the bureau lets a device in again; and no wrong clock ends one."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.ledger.buckets import SetChecksum
from store.ledger.hlc import system_clock_ms
from sync.admin_protocol import ACCOUNTS, DEVICES, INVITE, READMIT, STOP
from sync.central.accounts.authentication import Caller
from sync.central.accounts.token_life import DAY_MS, TokenLife
from sync.central.admin.setup import open_database
from sync.central.api.app import create_app
from sync.central.db.settings import SETTINGS_FILE, DeviceLimits, load_central_settings
from sync.central.exceptions import BadCentralSettings, Refusal
from tests.sync.central_fixture import Central, Laptop, create_central, running_central, serving_app


class SteppingClock:
    """The central's clock, set on by days."""

    def __init__(self) -> None:
        self.start_ms = self._now_ms = system_clock_ms()

    def __call__(self) -> int:
        return self._now_ms

    def days(self, count: int) -> None:
        """Let so many days pass."""
        self._now_ms += count * DAY_MS


def hello(laptop: Laptop) -> int | str:
    """The status of a hello, or the code of its refusal."""
    answer = laptop.post("/v1/hello", laptop.greeting())
    return answer.status_code if answer.status_code == 200 else str(answer.json()["code"])


def test_a_token_lives_from_round_to_round_and_the_bureau_lets_in_again(tmp_path: Path) -> None:
    """A device without a round for 90 days is refused, says so and loses nothing; the bureau lets it in again with its
    token as it is; after 180 days it is listed as stopped; each round renews; a revocation is nobody's to take back."""
    clock = SteppingClock()
    with running_central(tmp_path, wall=clock) as central:
        boss, laptop = central.enrol("局长"), central.enrol("李", "principal_leader")
        for _twice in range(2):
            clock.days(60)
            assert [hello(laptop), hello(boss)] == [200, 200]
        clock.days(80)
        assert hello(boss) == 200
        clock.days(11)
        refused = laptop.post("/v1/hello", laptop.greeting())
        assert (refused.status_code, refused.json()["code"], refused.json()["days"]) == (401, "expired", 90)
        assert laptop.post("/v1/push", {"lines": []}).json()["code"] == "expired"
        (listed,) = boss.ask(DEVICES, {"account": "李"})["devices"]
        assert (listed["expired_at"] is not None, listed["stopped_at"]) == (True, None)
        assert [one["id"] for one in boss.ask(READMIT, {"name": "李"})["devices"]] == [laptop.device]
        assert hello(laptop) == 200
        assert boss.post(READMIT, {"name": "李"}).json()["code"] == "nothing_to_readmit"
        for _month in range(3):
            clock.days(61)
            assert hello(boss) == 200
        (listed,) = boss.ask(DEVICES, {"account": "李"})["devices"]
        assert listed["stopped_at"] is not None
        assert boss.post(STOP, {"name": "局长"}).json()["code"] == "last_bureau"
        boss.ask(READMIT, {"name": laptop.device})
        assert hello(laptop) == 200
        boss.ask(STOP, {"name": laptop.device})
        assert boss.post(READMIT, {"name": laptop.device}).json()["code"] == "nothing_to_readmit"


def test_a_device_that_was_unseen_for_180_days_is_stopped(tmp_path: Path) -> None:
    """It is listed as stopped and why, and counts among its person's devices no more, so that another may join; it is
    let in again where there is room."""
    clock = SteppingClock()
    data = tmp_path / "central"
    code = create_central(data)
    limits = DeviceLimits(max_devices=2)
    with serving_app(create_app(open_database(data), clock, lambda: True, limits)) as url:
        central = Central(data, url, code)
        boss, first = central.enrol("局长"), central.enrol("李", "principal_leader")

        def another() -> Laptop:
            laptop = Laptop(url)
            laptop.join(boss.ask(INVITE, {"name": "李", "again": True})["code"])
            return laptop

        second = another()
        for months in (1, 2, 3):
            clock.days(60)
            hello(boss)
            with pytest.raises(AssertionError, match="too_many_devices"):
                another()
            if months == 1:
                assert [hello(first), hello(second)] == [200, 200]
        clock.days(61)
        hello(boss)
        third = another()
        listed = {one["id"]: one["stopped_why"] for one in boss.ask(DEVICES, {"account": "李"})["devices"]}
        assert listed == {first.device: "unseen", second.device: "unseen", third.device: None}
        answer = boss.post(READMIT, {"name": "李"}).json()
        assert (answer["code"], answer["most"]) == ("too_many_devices", 2)
        boss.ask(READMIT, {"name": first.device})
        assert [hello(first), hello(second), hello(third)] == [200, "expired", 200]
        assert boss.post(READMIT, {"name": second.device}).json()["code"] == "too_many_devices"
        (account,) = [one for one in boss.ask(ACCOUNTS, {})["accounts"] if one["name"] == "李"]
        assert account["devices"] == 2


@pytest.mark.parametrize(
    ("written", "limits"),
    [
        ("", DeviceLimits(5, 90, 180, 30)),
        ("token_days = 30\n", DeviceLimits(5, 30, 180, 10)),
        ("token_days = 2\nstop_days = 9\nrotation_days = 7\n", DeviceLimits(5, 2, 9, 7)),
        ("token_days = 1\n", DeviceLimits(5, 1, 180, 1)),
        ("stop_days = 0\n", None),
        ("rotation_days = true\n", None),
        ('token_days = "90"\n', None),
    ],
)
def test_the_days_are_settings(tmp_path: Path, written: str, limits: DeviceLimits | None) -> None:
    """central.toml may say other numbers of days; what is none is refused with its line."""
    (tmp_path / SETTINGS_FILE).write_text(written, "utf-8")
    if limits is not None:
        assert load_central_settings(tmp_path).limits == limits
        return
    with pytest.raises(BadCentralSettings) as refused:
        load_central_settings(tmp_path)
    assert refused.value.values["line"] == 1


def test_a_clock_that_is_not_believed_ends_no_token(tmp_path: Path) -> None:
    """A central whose clock is a year ahead refuses nobody for it: time counts up to its latest write then."""
    clock = SteppingClock()
    with running_central(tmp_path, wall=clock, is_synchronised=False) as central:
        laptop = central.enrol("局长")
        clock.days(365)
        answer = laptop.post("/v1/hello", laptop.greeting() | {"time": clock.start_ms})
        assert (answer.status_code, answer.json()["clock_doubtful"]) == (200, True)


def test_after_a_restore_tokens_live_from_then_on() -> None:
    """What an old copy knows of visits ends no token: its life counts from the beginning of the present epoch."""
    restored = 200 * DAY_MS
    known = Caller(
        "d", "a", "p", "n", "dev", "h", 0, (), "", "", "", 0, SetChecksum(), "2-x", alive_since=restored,
        restored_at=restored,
    )  # fmt: skip
    TokenLife(restored + 89 * DAY_MS, is_synchronised=lambda: True).require_alive(known)
    with pytest.raises(Refusal):
        TokenLife(restored + 91 * DAY_MS, is_synchronised=lambda: True).require_alive(known)
