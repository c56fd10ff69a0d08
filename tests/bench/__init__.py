"""Ratios, not seconds: our program and a bare floor, measured side by side in one run (`make bench`)."""
