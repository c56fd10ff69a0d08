"""A line to type in above a list: it holds back the keys that mean something to the list, and never moves by arrows."""

from __future__ import annotations

from textual.widgets import Input

_CURSOR_ACTIONS = ("cursor_left", "cursor_right", "home", "end", "cursor_up", "cursor_down")


class FilterInput(Input):
    """``held_back`` are characters that are commands here, not text."""

    def __init__(self, *, reserved_keys: str = "", placeholder: str = "", id: str | None = None) -> None:
        super().__init__(placeholder=placeholder, id=id)
        self._reserved_keys = reserved_keys

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is text: what is held back is not."""
        held = character is not None and character in self._reserved_keys
        return not held and super().check_consume_key(key, character)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Arrows belong to what stands below."""
        return False if action in _CURSOR_ACTIONS else super().check_action(action, parameters)
