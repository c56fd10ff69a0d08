"""``guanjia demo``: a central, two laptops and a sample district, played on real parts.

May import all of ``store`` and ``sync``. ``command`` is the command, ``story`` the scenario, ``year`` the district's
year after it, ``laptop`` and ``central`` the parts, ``texts`` what is written. Use: `command.demo`.
"""
