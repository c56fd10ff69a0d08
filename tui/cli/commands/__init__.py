"""The commands, one module a record; ``tui/cli/root.py`` is the table of all of them.

A module holds the group of its record, with reading and writing. What only writing needs (``store.commands``, the
models) is imported inside the functions that write, so that a list starts fast. Use `tui.cli.output.emit` to print.
"""
