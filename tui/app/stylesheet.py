"""The app's style sheet: each source is parsed once, and a widget looks only at the rules that name it.

Two things of Textual's cost more than all else that opening a screen does, so that each has an override here:

- It parses all sources again whenever a screen brings a file of its own, and keeps at most 64 parsed ones.
- It passes over all rules (some 500) for each widget, and for each part of a widget that has a style of its own.

Eleven keys that open ten screens cost 0.41 s of the processor with both, 0.55 s without. Knows only Textual. Next:
``tui/app/preload.py`` (what is parsed before it is needed), ``tui/app/appearance.py`` (the colours).
"""

from __future__ import annotations

from typing import ClassVar

from textual.cache import LRUCache
from textual.css.model import RuleSet
from textual.css.styles import RulesMap
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

CACHE_SIZE = 1_000
"""So many parsed sources are kept for each set of colours: more than the widgets and screens there are."""

_ParsedSources = LRUCache[tuple[object, ...], list[RuleSet]]
_RulesByName = dict[str, list[RuleSet]]


class CachedStylesheet(Stylesheet):
    """A style sheet that parses only what is new to the process. Parsed rules are never changed, so apps share them."""

    _parsed_by_colours: ClassVar[dict[tuple[tuple[str, str], ...], _ParsedSources]] = {}

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._excerpts: dict[frozenset[str], _Excerpt] = {}
        self._excerpts_of: _RulesByName | None = None
        self.set_variables(variables or {})

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take these colours, and what has been parsed with them."""
        self._parse_cache = LRUCache(1)  # the one that Textual empties here is shared
        super().set_variables(variables)
        self._require_parse = True
        self._parse_cache = self._parsed_by_colours.setdefault(tuple(sorted(variables.items())), LRUCache(CACHE_SIZE))

    def reparse(self) -> None:
        """Parse what is new, with the colours in use. Textual parses everything again in a copy, to keep the rules as
        they are where a file has an error; ``parse`` replaces them only at its end, too."""
        if self._require_parse:
            self.parse()

    def apply(
        self, node: DOMNode, *, animate: bool = False, cache: dict[tuple[object, ...], RulesMap] | None = None
    ) -> None:
        """Style a node as Textual does, by the rules whose last selector names it."""
        rules, by_name = self.rules, self.rules_map
        if by_name is not self._excerpts_of:
            self._excerpts, self._excerpts_of = {}, by_name
        names = frozenset(by_name.keys() & node._selector_names)
        excerpt = self._excerpts.get(names)
        if excerpt is None:
            excerpt = self._excerpts[names] = _Excerpt(self, rules, {name: by_name[name] for name in names})
        excerpt.apply(node, animate=animate, cache=cache)


class _Excerpt(Stylesheet):
    """The rules of a style sheet that nodes of the same type, id and classes may be styled by, in its order."""

    def __init__(self, whole: Stylesheet, rules: list[RuleSet], by_name: _RulesByName) -> None:
        super().__init__()
        named = {rule for named in by_name.values() for rule in named}
        self._whole = whole
        self._rules = [rule for rule in rules if rule in named]
        self._rules_map = by_name

    def _process_component_classes(self, node: DOMNode) -> None:
        self._whole._process_component_classes(node)
