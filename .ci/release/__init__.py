"""How the program is packed for offices without an index of packages: ``make dist`` runs `release.build`."""
