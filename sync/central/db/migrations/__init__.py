"""The central's migrations: numbered, append-only, one purpose each. ``run.py`` applies them."""
