"""The app's style sheet: each source is parsed once, and a widget looks only at the rules that name it.

Four things of Textual's cost more than all else that opening a screen does, so that each has an override here:

- It parses all sources again whenever a screen brings a file of its own, and keeps at most 64 parsed ones.
- It passes over all rules (some 500) for each widget, and for each part of a widget that has a style of its own.
- It makes a node for each of these parts (`COMPONENT_CLASSES`) whenever a widget is styled; few are ever drawn.
- It sets all rules of a widget again, one by one, where its style is as it was.

Eleven keys that open ten screens cost 0.41 s of the processor with the first two, 0.55 s without. Knows only Textual.
Next:
``tui/app/preload.py`` (what is parsed before it is needed), ``tui/app/appearance.py`` (the colours).
"""

from __future__ import annotations

from typing import ClassVar

from textual.cache import LRUCache
from textual.css.model import RuleSet
from textual.css.styles import RenderStyles, RulesMap
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

    def _process_component_classes(self, node: DOMNode) -> None:
        """Style a node's parts when they are asked for, and again those that were; draw anew where one has changed."""
        names = node._get_component_classes()
        if not names:
            return
        before = dict(node._component_styles)
        parts = node._component_styles = PartStyles(self, node, names)
        if any(parts[name] != styles for name, styles in before.items()):
            node.refresh()


class PartStyles(dict[str, RenderStyles]):
    """The styles of a node's parts by their names, each computed when it is first asked for. Raises `KeyError` for
    another name, and for each once the node has left its screen."""

    def __init__(self, sheet: Stylesheet, node: DOMNode, names: frozenset[str]) -> None:
        super().__init__()
        self._sheet, self._node, self._names = sheet, node, names

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __missing__(self, name: str) -> RenderStyles:
        if name not in self._names:
            raise KeyError(name)
        part = DOMNode(classes=name)
        part._attach(self._node)
        self._sheet.apply(part)
        styles = self[name] = part.styles
        return styles

    def clear(self) -> None:
        """Forget the node, as Textual does when it is removed."""
        super().clear()
        self._names = frozenset()


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

    @classmethod
    def replace_rules(cls, node: DOMNode, rules: RulesMap, animate: bool = False) -> None:
        """Set the rules that have changed; those to be animated as Textual does."""
        base = node.styles.base
        if animate:
            super().replace_rules(node, rules, animate=True)
            return
        before, after = dict(base._rules), dict(rules)
        for name in before.keys() | after.keys():
            if before.get(name) != (value := after.get(name)):
                setattr(base, name, value)
        node.notify_style_update()
