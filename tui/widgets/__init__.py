"""Widgets: long list, page, cards, board, charts, form fields, autocomplete. They draw their own lines.

Use: `long_list.LongList` with `columns.ListColumn`, `page.PageView` with its blocks, `fields.FormField` and its kinds,
`autocomplete.NameField`, `path_field.PathField`, `cells` for text in cells. May import ``store.values``, ``tui.i18n``
and ``tui.data`` (rows, messages); knows nothing of records. Start with ``line_widget``, the base of what draws lines.
"""
