"""The screens, one a file, each with its layout (``.tcss``) beside it.

A screen composes widgets, reads by `tui.data.reader.Reader`, draws by presenters, writes by `tui.data.writer.Writer`.
It may import everything of ``tui`` but the command line; nothing of ``tui`` but the app imports it, by name.

Next: ``base.py`` (what all share), ``projects.py`` (the simplest list), ``form.py`` (every form).
"""
