"""Countries get the names that schools write; Odoo skips its own records in a module's data during an upgrade."""

from odoo import SUPERUSER_ID, api
from odoo.tools import convert


def migrate(cr, version):
    """Load the shipped names as an installation does."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    convert.convert_file(env, "hocba_digital", "data/nationalities.xml", {}, mode="init", noupdate=True)
