import io
import re
from pathlib import Path

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

MODULES = ("hocba_digital", "hocba_registry")
PLACEHOLDERS = re.compile(r"%\(\w+\)s|%s|%d")


@tagged("post_install", "-at_install")
class TestTranslation(TransactionCase):
    """Every source string of ours has a Vietnamese translation with the same placeholders."""

    def test_everything_is_translated(self):
        installed = self.env["ir.module.module"].search([("name", "in", MODULES), ("state", "=", "installed")])
        for name in installed.mapped("name"):
            with self.subTest(name):
                self._check_module(name)

    def _check_module(self, name):
        buffer = io.BytesIO()
        trans_export(False, [name], buffer, "po", self.env)
        wanted = {entry.msgid for entry in polib.pofile(buffer.getvalue().decode())}
        path = Path(__file__).parents[2] / name / "i18n" / "vi.po"
        translated = {entry.msgid: entry.msgstr for entry in polib.pofile(str(path)) if entry.msgstr}
        missing = sorted(wanted - translated.keys())
        self.assertFalse(missing, f"{name}: {len(missing)} texts have no translation")
        for source in wanted:
            self.assertEqual(
                sorted(PLACEHOLDERS.findall(source)), sorted(PLACEHOLDERS.findall(translated[source])), source
            )
