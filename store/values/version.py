"""The version of this program: of its package (``pyproject.toml``), and as devices tell it their central."""

VERSION = "0.1.0"
