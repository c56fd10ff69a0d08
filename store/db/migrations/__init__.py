"""The store's schema, step by step: numbered, append-only, one purpose each. ``run.py`` applies them."""
