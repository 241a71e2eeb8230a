"""The command that verifies files of records on any machine: no Odoo, no network (``bin/verify``).

Nothing is imported here: the command first looks whether the libraries that it needs are there.
"""
