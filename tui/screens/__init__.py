"""The screens: one file each, with its layout (``.tcss``) beside it."""
