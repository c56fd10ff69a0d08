"""Tests of the bytes of attachments on a device."""
