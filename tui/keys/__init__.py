"""What can be done, with which keys: the action table, a person's keymap file, and the key table of the README.

Imports texts only; the command line reads it without Textual.

Use: `actions.ACTIONS`, `actions.bindings_in`, `keymap.read_keymap`, `key_docs.keymap_template`.
"""
