"""The command line: one module a command group, loaded when its command is called (``tui/cli/root.py``)."""
