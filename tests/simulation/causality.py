"""What the author of every version had seen, and the checks that follow from it. The program knows nothing of this.

A version vector says how many writes of each store its author had seen; here it is a set of writes, one bit each, so
that copies of a store need no names of their own. A store has seen what it has shown: after each round, and what an
officer edited. Who saw a version and edits it always beats it (decision 2), so

- a version that is current, or that another is put below, was never seen by the author of the other (`overwritten`,
  `misordered`);
- what a store has shown replaced, it never shows again (`CausalHistory.show`).

A content that exists twice tells nothing of either, since the two look alike: an older version restored, or one that
was unsent when its home was copied. (Each copy sends it as its own, with the stamp that its own contacts correct.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from store.ledger.line import Line
from store.ledger.merge import replaces

Vector = int
"""A set of writes: bit n for the n-th of all."""
ReplaceRule = Callable[[Line, Line], bool]
"""Whether the first of two versions of a line replaces the second."""
TEXT = {
    "unit": "note",
    "person": "note",
    "project": "note",
    "contact": "note",
    "visit": "text",
    "issue": "text",
    "issue_step": "text",
    "close_out": "number",
    "assignment": "to_date",
}
"""The field of each kind that has the officer's text; the simulation never writes the same text twice."""


class Content(NamedTuple):
    """The content of a version: its text, and whether it is deleted."""

    text: str
    deleted: bool


Version = tuple[str, Content]
"""A version by the id of its line and its content: stamps may be corrected, contents are not."""


def content_of(line: Line) -> Content:
    """The content of a line."""
    return Content(str(line.body.get(TEXT[line.kind], "")), line.deleted)


def versions_of(lines: Iterable[Line]) -> set[Version]:
    """The versions that these lines are."""
    return {(line.id, content_of(line)) for line in lines}


@dataclass
class StoreView:
    """What one store has shown: by line the writes seen, those among them that it has shown replaced, the content
    now."""

    seen: dict[str, Vector] = field(default_factory=dict)
    replaced: dict[str, Vector] = field(default_factory=dict)
    now: dict[str, Content] = field(default_factory=dict)

    def copy(self) -> StoreView:
        """The same for another store."""
        return StoreView(dict(self.seen), dict(self.replaced), dict(self.now))


class CausalHistory:
    """Every version with its vector, and what each store has shown."""

    def __init__(self) -> None:
        self._own: dict[Version, Vector] = {}
        self._vectors: dict[Version, Vector] = {}
        self._repeated: set[Version] = set()
        self._views: dict[str, StoreView] = defaultdict(StoreView)

    def write(
        self, store: str, line: str, content: Content, seen: Content | None, excused: Collection[str] = ()
    ) -> list[str]:
        """A version written on a store, whose officer saw the content ``seen`` of the line. Gives what `show` does."""
        violations = self.show(store, {line: seen}, excused) if seen is not None else []
        version = (line, content)
        if version in self._own:
            self._repeated.add(version)
        else:
            self._own[version] = 1 << len(self._own)
            self._vectors[version] = self._own[version] | self._views[store].seen.get(line, 0)
        return violations + self.show(store, {line: content}, excused)

    def show(self, store: str, contents: Mapping[str, Content], excused: Collection[str] = ()) -> list[str]:
        """What a store shows of these lines. Gives descriptions of the reads that went back; those of ``excused`` lines
        did so by right."""
        view, back = self._views[store], []
        for line, content in contents.items():
            version, earlier = (line, content), view.now.get(line, content)
            own, vector = self._own.get(version, 0), self._vectors.get(version, 0)
            if own & view.replaced.get(line, 0) and not (version in self._repeated or line in excused):
                back.append(f"{store} showed {earlier} of {line}, and then {content} again")
            view.seen[line] = view.seen.get(line, 0) | vector
            gone = vector | (self._vectors.get((line, earlier), 0) if content != earlier else 0)
            view.replaced[line] = (view.replaced.get(line, 0) | gone) & ~own
            view.now[line] = content
        return back

    def copy_store(self, source: str, target: str, unsent: Collection[Version] = ()) -> None:
        """A store was copied: whoever works on the copy has seen the same. What is ``unsent`` exists twice now."""
        self._views[target] = self._views[source].copy()
        self._repeated.update(unsent)

    def lose_store(self, store: str) -> None:
        """A store is gone with all that it has shown."""
        self._views.pop(store, None)

    def is_repeated(self, line: Line) -> bool:
        """Whether the content of a version was written more than once."""
        return (line.id, content_of(line)) in self._repeated

    def knows(self, line: str, content: Content, other: Content) -> bool:
        """Whether the author of a version had seen the other one; never of one that was written twice."""
        told = (line, content) not in self._repeated and (line, other) not in self._repeated
        seen = self._vectors.get((line, content), 0) & self._own.get((line, other), 0)
        return told and content != other and seen != 0


def overwritten(history: CausalHistory, lasting: Iterable[Line], current: Mapping[str, Line]) -> Iterator[str]:
    """Versions that lost against a current one that their author had seen."""
    for line_id, content in sorted({(line.id, content_of(line)) for line in lasting if line.id in current}):
        if history.knows(line_id, content, now := content_of(current[line_id])):
            yield f"{content} was written by one who had seen {now}, and is beaten by it: {current[line_id]}"


def misordered(history: CausalHistory, lasting: Iterable[Line], rule: ReplaceRule = replaces) -> Iterator[str]:
    """Pairs of versions of which the merge rule prefers the one that the author of the other had seen, whichever is
    current."""
    greatest: dict[str, dict[Content, Line]] = defaultdict(dict)
    for line in lasting:
        known = greatest[line.id].get(content_of(line))
        if known is None or rule(line, known):
            greatest[line.id][content_of(line)] = line
    for line_id, versions in greatest.items():
        for content, line in versions.items():
            for other, seen in versions.items():
                if history.knows(line_id, content, other) and not rule(line, seen):
                    yield f"{content} of {line_id} was written by one who had seen {other}, and is put below it"
