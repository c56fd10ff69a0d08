"""Bundles: messages and answers as files, compressed, encrypted to their reader and signed by their writer.

Use: ``bundle_file.write_bundle``, ``bundle_file.open_bundle``; ``keys.BundleKeys``; ``names.bundle_name``. Both
halves of sync use it; it knows nothing of homes, databases or rounds. README.md has the format.
"""
