"""Years that a pupil brings on paper: typed in, signed by head and seal of this school, marked as such for good.

QĐ 1789, Art. 22.3a and 39.2: the receiving school digitises the paper record; its head and its seal certify that the
digital one agrees with the paper, whose scan is kept with it.
"""

import base64
import hashlib

from odoo import api, models
from odoo.exceptions import UserError

from ..core.packet import DIGITISED_NOTE


class RecordPaper(models.Model):
    _inherit = "hocba.record"

    def _paper_note(self):
        """What the homeroom teacher's remark says where the paper has none: the format wants one."""
        return f"{DIGITISED_NOTE} của {self.class_id.paper_school}" if self.digitised else None

    def _paper_values(self):
        """What a record that replaces this one takes over of the paper."""
        record = self.with_context(bin_size=False)
        return {name: record[name] for name in ("digitised", "scan", "scan_name", "scan_digest") if record.digitised}

    @api.private
    def _create_from_paper(self, assessment, scan, scan_name):
        """Draft record of a year on paper. ``scan``: bytes of the scanned paper, kept unchanged from now on."""
        self.check_access("create")
        missing = assessment.company_id._hocba_missing_settings()
        if missing:
            raise UserError(
                self.env._(
                    "Before records can be created, complete the school's data in Settings: %(fields)s.",
                    fields=", ".join(missing),
                )
            )
        digest = hashlib.sha256(scan).hexdigest()
        record = self._in_transition().create(
            {
                **self._new_values(assessment),
                "digitised": True,
                "scan": base64.b64encode(scan),
                "scan_name": scan_name,
                "scan_digest": digest,
            }
        )
        detail = self.env._(
            "Digitised from the paper record of %(school)s; scan %(name)s, SHA-256 %(digest)s",
            school=assessment.class_id.paper_school,
            name=scan_name,
            digest=digest,
        )
        self.env["hocba.event"]._log(record, "created", detail)
        return record.with_env(self.env)
