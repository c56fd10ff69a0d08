"""The proof of an issue's light in sentences: for its page, and printed by ``guanjia issue explain``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from store.domain.limits import LIMIT_DESCRIPTIONS
from tui.i18n.author_text import author_text
from tui.i18n.deadline_text import remaining_text, until_text
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.presenters.register_lines import limit_value_text
from tui.widgets.page import PageBlock, PageHeading, PageTitle, Passage

if TYPE_CHECKING:
    from store.domain.issue_deadlines import Deadline
    from store.domain.light_proof import (
        CalendarYear,
        CorrectedStamp,
        DueDate,
        ExtensionAsked,
        LightProof,
        UsedClock,
        UsedLimit,
    )
    from store.domain.time_rules import Pause

Names = Mapping[str, str | None]
_RULE_TEXTS = {
    "overdue": N_("It is overdue: it was to be settled by {day}."),
    "act_overdue": N_("An act on it is late: it was to be done by {day}."),
    "waited_out": N_("It waited by agreement until {day}, and nothing was done since."),
    "no_progress": N_("Nothing was done on it for longer than the limit; news were due by {day}."),
    "due_soon": N_("It is due soon: by {day}."),
    "act_due_soon": N_("An act on it is due soon: by {day}."),
    "waits": N_("It would be overdue, but it waits by agreement until {day}: that is not late."),
    "in_time": N_("It is in time; it is due by {day}."),
    "no_limit": N_("No limit runs: it is settled or finished."),
}
_UNLIMITED = N_("It is in time, and has no due date.")
_CALENDAR_TEXTS = {
    "announced": N_("{year}: the holidays that the State Council announced."),
    "entered": N_("{year}: the holidays that the bureau entered."),
    "assumed": N_("{year}: no holidays are known; Monday to Friday is assumed."),
}


class ProofSection(NamedTuple):
    """A part of the proof: its heading and its sentences."""

    heading: str
    sentences: Sequence[str]


def proof_page(proof: LightProof, names: Names) -> list[PageBlock]:
    """The proof as a page."""
    blocks: list[PageBlock] = [PageTitle(f"{proof.number} {proof.title}")]
    for section in proof_sections(proof, names):
        blocks += [PageHeading(section.heading), *(Passage(text) for text in section.sentences)]
    return blocks


def proof_sections(proof: LightProof, names: Names) -> list[ProofSection]:
    """The proof in sentences: the light and its rule first, then what it was computed from. ``names`` are those of the
    people by id."""
    due = [_due_text(each, names) for each in proof.due_dates] or [_("Nobody has set a due date.")]
    pauses = [_pause_text(each, names) for each in proof.pauses] or [_("It has not waited by agreement.")]
    clock = [_clock_text(each, names) for each in proof.clock] or [_("No act’s time was corrected.")]
    running = [_deadline_text(each) for each in proof.deadlines]
    sections = (
        (_("Light on {day}").format(day=_minute(proof.at)), [_light_text(proof), _rule_text(proof)]),
        (_("Limits that run"), running),
        (
            _("Limits of acts, by the district’s time rules"),
            [_used_clock_text(each, names) for each in proof.clocks if each.rule],
        ),
        (_("Due dates that were set"), due),
        (_("Extensions that were asked for"), [_extension_text(each, names) for each in proof.extensions]),
        (_("Waiting by agreement"), pauses),
        (_("Limits of the district"), [_limit_text(each, names) for each in proof.limits]),
        (_("Calendar"), [text for year in proof.calendar for text in _calendar_texts(year)]),
        (_("Clocks"), clock),
        (_("How to check it"), _check_texts(proof)),
    )
    return [ProofSection(heading, sentences) for heading, sentences in sections if sentences]


def _light_text(proof: LightProof) -> str:
    light = value_label("light", proof.light) if proof.light else _("no light")
    state, level = value_label("state", proof.state), value_label("level", str(proof.level))
    return _("{light}; state: {state}; level: {level}").format(light=light, state=state, level=level)


def _rule_text(proof: LightProof) -> str:
    if proof.rule == "in_time" and proof.compared is None:
        return _(_UNLIMITED)
    return _(_RULE_TEXTS[proof.rule]).format(day=_minute(proof.compared or ""))


def _deadline_text(deadline: Deadline) -> str:
    until = until_text(deadline.until, deadline.at)
    name, values = value_label("clock", deadline.name), {"since": deadline.since, "until": until}
    return _("{clock}: {since} to {until}, {left}").format(clock=name, left=remaining_text(deadline), **values)


def _due_text(due: DueDate, names: Names) -> str:
    values = {"due": due.due, "act": value_label("issue_step.act", due.act), "at": _minute(due.at)}
    text = _("{due}, set by {who} on {at} ({act})").format(who=_name(due.author, names), **values)
    return _with_reason(text, due.reason)


def _used_clock_text(clock: UsedClock, names: Names) -> str:
    """A limit that a time rule gives: whose act by when, how it stands, what was counted since when, moved by how much,
    and whose rule it is."""
    rule = clock.rule
    if rule is None:
        return ""
    whose = value_label("clock", clock.act)
    if clock.department:
        whose = _("{act} ({who})").format(act=whose, who=names.get(clock.department) or clock.department)
    stands = value_label("clock_state", clock.state)
    if clock.done:
        stands = _("{state}, {at}").format(state=stands, at=_minute(clock.done))
    values = {
        "whose": whose,
        "limit": _minute(clock.limit),
        "stands": stands,
        "count": _counted(rule.counting, rule.days),
    }
    text = _("{whose}: by {limit}, {stands}; {count} since {since}").format(since=_minute(clock.since), **values)
    if clock.paused:
        by_the_hour = clock.counting in ("hours", "clock_hours")
        moved = _counted("minutes" if by_the_hour else clock.counting, clock.paused)
        text = _("{text}; pauses: {moved}").format(text=text, moved=moved)
    about = [value_label("issue.urgency", rule.urgency)] if rule.urgency else []
    about += [value_label("issue.category", rule.category)] if rule.category else []
    rule_of = {"about": _(", ").join(about) or _("all issues"), "who": _name(rule.author, names)}
    return _("{text} (rule for {about}, by {who}, {at})").format(text=text, at=_minute(rule.at), **rule_of)


def _counted(counting: str, count: int) -> str:
    """So many of what a rule counts."""
    texts = {
        "workdays": ngettext("{n} working day", "{n} working days", count),
        "days": ngettext("{n} day", "{n} days", count),
        "hours": ngettext("{n} office hour", "{n} office hours", count),
        "clock_hours": ngettext("{n} hour around the clock", "{n} hours around the clock", count),
        "minutes": ngettext("{n} minute", "{n} minutes", count),
    }
    return texts[counting].format(n=count)


def _extension_text(asked: ExtensionAsked, names: Names) -> str:
    """A request for a later due date, and how it was answered."""
    values = {"at": _minute(asked.at), "who": _name(asked.author, names), "due": asked.due or "-"}
    text = _with_reason(_("{at}: {who} asked for {due}").format(**values), asked.reason)
    if asked.answer is None:
        return _("{text}; not answered yet, so the due date stays").format(text=text)
    texts = {"granted": _("{text}; granted by {who}, {at}"), "refused": _("{text}; refused by {who}, {at}")}
    by = {"who": _name(asked.answered_by or "", names), "at": _minute(asked.answered_at or "")}
    return _with_reason(texts[asked.answer].format(text=text, **by), asked.answer_reason)


def _pause_text(pause: Pause, names: Names) -> str:
    values = {"since": _minute(pause.since), "day": pause.until or "-", "who": _name(pause.author, names)}
    if pause.ended:
        text = _("From {since} to {ended}, agreed until {day}, entered by {who}").format(
            ended=_minute(pause.ended), **values
        )
    else:
        text = _("Since {since}, agreed until {day}, entered by {who}").format(**values)
    return _with_reason(text, pause.reason)


def _limit_text(limit: UsedLimit, names: Names) -> str:
    value = limit_value_text(limit.name, limit.value)
    value = _("{what}: {value}").format(what=_(LIMIT_DESCRIPTIONS[limit.name]), value=value)
    if limit.author is None or limit.at is None:
        return _("{limit} (default)").format(limit=value)
    set_by = {"who": _name(limit.author, names), "at": _minute(limit.at)}
    return _("{limit} (set by {who} on {at})").format(limit=value, **set_by)


def _calendar_texts(year: CalendarYear) -> Iterable[str]:
    yield _(_CALENDAR_TEXTS[year.source]).format(year=year.year)
    if year.off:
        yield _("Weekdays off: {days}").format(days=_days_text(year.off))
    if year.worked:
        yield _("Weekends worked: {days}").format(days=_days_text(year.worked))


def _clock_text(moved: CorrectedStamp, names: Names) -> str:
    act, minutes = value_label("issue_step.act", moved.act), abs(moved.moved_ms) // 60_000
    text = (
        ngettext("{n} minute back", "{n} minutes back", minutes)
        if moved.moved_ms < 0
        else ngettext("{n} minute ahead", "{n} minutes ahead", minutes)
    )
    values = {"act": act, "who": _name(moved.author, names), "moved": text.format(n=minutes)}
    return _("{act} by {who}: a clock was wrong, the time was moved {moved}").format(**values)


def _check_texts(proof: LightProof) -> list[str]:
    count = len(proof.inputs)
    versions = ngettext("{n} version of a line", "{n} versions of lines", count).format(n=count)
    return [
        _("Rules version {version}; computed from {versions}.").format(version=proof.version, versions=versions),
        _("Whoever has the same lines gets the same checksum: {digest}").format(digest=proof.digest),
    ]


def _with_reason(text: str, reason: str | None) -> str:
    return _("{text}. Reason: {reason}").format(text=text, reason=reason) if reason else text


def _days_text(days: Sequence[str]) -> str:
    return _(", ").join(day[5:] for day in days)


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ") or "-"


def _name(person: str, names: Names) -> str:
    if person.startswith("《"):  # the table from which it was taken over
        return person
    return author_text(names.get(person)) or _("somebody who is not known here")
