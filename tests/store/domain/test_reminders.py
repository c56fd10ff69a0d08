"""Of what is told when: moments of dates, quiet hours, nothing twice, nothing that is over."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from store.domain.limits import Limits
from store.domain.reminders import DATE_RULES, LATE, Occasion, Reminder, reminders_of, tell_now, telling_times, told_at
from store.values.times import SHANGHAI

TIMES = telling_times("8:30", "20-8", None, Limits())
FRIDAY = Occasion("a", "due", "2026-09-11", "a")


def at(text: str) -> datetime:
    """A moment of the district."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def moments(occasion: Occasion, own: str | None = None, **limits: int) -> list[str]:
    """When it is told, by the district's offsets or the person's own."""
    times = telling_times("8:30", "20-8", own, Limits(**limits))
    return [f"{each.moment:%m-%d %H:%M}" for each in reminders_of([occasion], times)]


def test_a_date_is_told_in_working_days_before_on_and_after_it() -> None:
    """By the district's limits, or by what a person set; weekends do not count, and what is no day is not told."""
    assert moments(FRIDAY) == ["09-10 08:30", "09-11 08:30", "09-14 08:30"]
    assert moments(FRIDAY, remind_before=3, remind_after=0) == ["09-08 08:30", "09-11 08:30"]
    assert moments(FRIDAY, "-2,1,5") == ["09-09 08:30", "09-14 08:30", "09-18 08:30"]
    assert moments(FRIDAY._replace(at="无")) == []


def test_a_meeting_is_told_the_day_before_and_an_hour_before() -> None:
    """And not after it, as nobody can go there any more."""
    assert moments(Occasion("m", "meeting", "2026-09-11T14:00+08:00", "m")) == ["09-10 08:30", "09-11 13:00"]


def test_the_limit_of_an_act_is_told_as_a_date_and_an_hour_before() -> None:
    """Also where it is missed: the working day after it, in the morning; one that ends with its day has that day's."""
    limit = Occasion("i", "limit", "2026-09-11T14:00", "i")
    assert moments(limit) == ["09-10 08:30", "09-11 08:30", "09-11 13:00", "09-14 08:30"]
    assert moments(limit._replace(at="2026-09-11T23:59"))[2] == "09-11 22:59"


def test_a_moved_date_is_told_anew_and_another_edit_or_morning_is_not() -> None:
    """A reminder's id follows from line, rule, date and distance, on every device."""
    ids = {each.id for each in reminders_of([FRIDAY], TIMES)}
    moved = {each.id for each in reminders_of([FRIDAY._replace(at="2026-09-18")], TIMES)}
    renamed = {
        each.id
        for each in reminders_of([FRIDAY._replace(title="改名")], TIMES._replace(morning=at("2026-09-01T07:00").time()))
    }
    assert len(ids) == 3 and not ids & moved and renamed == ids


def test_who_was_away_is_told_once_of_a_date_and_not_of_what_is_long_over() -> None:
    """A laptop that was off before and on the day tells the later one alone; after a week the lists have it."""
    reminders = reminders_of([FRIDAY], TIMES)
    monday = tell_now(reminders, (), (), at("2026-09-14T09:00"), TIMES)
    assert [each.offset for each in monday.tell] == [1]
    assert [each.offset for each in monday.passed] == [-1, 0]
    long_after = tell_now(reminders, (), (), at("2026-09-14T09:00") + LATE, TIMES)
    assert not long_after.tell and len(long_after.passed) == 3


def test_a_quiet_hour_holds_back_until_the_morning() -> None:
    """What arrives at night comes at half past eight with the day's dates; what arrives before that, after the quiet
    hours, is told at once."""
    night = Reminder(Occasion("s", "assigned", "2026-09-10T22:00+08:00", "a"), at("2026-09-10T22:00"))
    held = tell_now([night], (), (), at("2026-09-10T22:00"), TIMES)
    assert (held.tell, held.held) == ((), (night,))
    early = night._replace(occasion=night.occasion._replace(line="t"), moment=at("2026-09-11T08:10"))
    dawn = tell_now([night, early], (), {night.id}, at("2026-09-11T08:10"), TIMES)
    assert (dawn.tell, dawn.held) == ((early,), (night,))
    morning = tell_now([night, early], {early.id}, {night.id}, at("2026-09-11T08:30"), TIMES)
    assert (morning.tell, morning.held) == ((night,), ())


def test_what_is_to_be_told_says_when() -> None:
    """By day at its moment, at night the next morning; never quiet is never quiet."""
    assert told_at(at("2026-09-10T13:00"), TIMES) == at("2026-09-10T13:00")
    assert told_at(at("2026-09-10T22:10"), TIMES) == at("2026-09-11T08:30")
    assert told_at(at("2026-09-11T03:10"), TIMES) == at("2026-09-11T08:30")
    assert told_at(at("2026-09-10T22:10"), TIMES._replace(quiet_from=0, quiet_until=0)) == at("2026-09-10T22:10")


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(date.isoformat)
OCCASIONS = st.lists(
    st.builds(Occasion, st.sampled_from("abc"), st.sampled_from(DATE_RULES), DAYS, st.just("x")), max_size=5
)


@given(
    OCCASIONS, st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)), st.lists(st.integers(1, 400), max_size=12)
)
def test_nothing_is_told_twice_or_in_quiet_hours_however_often_somebody_looks(
    occasions: list[Occasion], first: datetime, gaps: list[int]
) -> None:
    """Whenever the daemon looks, each reminder is told at most once, at most once a day of one date, after its moment,
    and never in a quiet hour."""
    reminders, now = reminders_of(occasions, TIMES), first.replace(tzinfo=SHANGHAI)
    known: set[str] = set()
    held: set[str] = set()
    for gap in gaps:
        now += timedelta(minutes=gap * 20)
        telling = tell_now(reminders, known, held, now, TIMES)
        told = {each.id for each in telling.tell}
        assert not told & known and all(each.moment <= now for each in telling.tell)
        assert not telling.tell or not TIMES.is_quiet(now)
        assert len({each.occasion[:3] for each in telling.tell}) == len(telling.tell)
        known |= told | {each.id for each in telling.passed}
        held = {each.id for each in telling.held}
