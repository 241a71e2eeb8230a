"""Subject teachers' signatures seen from the class: what is signed, what waits for whom, and signing one's own."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..core import packet


class SchoolClassParts(models.Model):
    _inherit = "hocba.class"

    part_count = fields.Integer("Subject results to be signed", compute="_compute_parts")
    part_signed_count = fields.Integer("Subject results signed", compute="_compute_parts")
    missing_signers = fields.Text("Subject teachers still to sign", compute="_compute_parts")
    my_part_count = fields.Integer("My results to be signed", compute="_compute_my_parts")
    my_part_signed_count = fields.Integer("My results signed", compute="_compute_my_parts")
    my_part_ready_count = fields.Integer("My results ready to be signed", compute="_compute_my_parts")

    @api.depends("record_ids.waiting_for", "record_ids.signature_ids.valid", "assignment_ids.teacher_id")
    def _compute_parts(self):
        rows = self._part_rows()
        for school_class in self:
            own = [row for row in rows if row["class_id"] == school_class.id]
            school_class.part_count = sum(row["total"] for row in own)
            school_class.part_signed_count = sum(row["signed"] for row in own)
            school_class.missing_signers = "\n".join(
                self.env._(
                    "%(subject)s: %(teacher)s, %(count)s pupils",
                    subject=self.env["hocba.subject"].browse(row["subject_id"]).sudo().name,
                    teacher=self.env["res.users"].browse(row["teacher_id"]).sudo().name,
                    count=row["total"] - row["signed"] - row["closed"],
                )
                for row in own
                if row["signed"] + row["closed"] < row["total"]
            )

    @api.depends_context("uid")
    @api.depends("record_ids.waiting_for", "record_ids.signature_ids.valid", "assignment_ids.teacher_id")
    def _compute_my_parts(self):
        rows = self._mine_of(self._part_rows())
        for school_class in self:
            own = [row for row in rows if row["class_id"] == school_class.id]
            school_class.my_part_count = sum(row["total"] for row in own)
            school_class.my_part_signed_count = sum(row["signed"] for row in own)
            school_class.my_part_ready_count = sum(row["ready"] for row in own)

    def _mine_of(self, rows):
        """Rows of results that the current user signs: as the teacher, or in the teacher's place."""
        mandates = self.env["hocba.mandate"].sudo()
        for company in self.company_id:
            mandates |= mandates._valid_for(self.env.user, "gvbm", company)
        places = {(place.id, mandate.subject_id.id) for mandate in mandates for place in (mandate.class_ids or self)}
        return [
            row for row in rows if row["teacher_id"] == self.env.uid or (row["class_id"], row["subject_id"]) in places
        ]

    def _part_rows(self, records=False):
        """One row a class, subject and teacher: ``total`` results that need the teacher's signature, of these
        ``signed``, ``ready`` to be signed now, ``closed`` (signed by homeroom teacher or head without it; no more to be
        done). With ``records``, one row a record and subject that is ready.
        """
        names = [name for name in packet.profile_names() if packet.get_profile(name).part_role]
        if not self.ids or not names:
            return []
        for model in ("hocba.record", "hocba.result", "hocba.signature", "hocba.class"):
            self.env[model].flush_model()
        wanted = SQL("p.class_id, p.subject_id, p.teacher_id, p.record_id") if records else None
        found = SQL(
            """
            WITH p AS (
                SELECT r.id AS record_id, r.class_id, l.subject_id, l.teacher_id, s.id IS NOT NULL AS signed,
                       r.state <> 'draft' OR EXISTS (
                           SELECT 1 FROM hocba_signature w WHERE w.record_id = r.id AND w.valid AND w.role <> 'gvbm'
                       ) AS whole,
                       COALESCE(jsonb_exists(r.part_hashes, l.subject_id::text), FALSE) AS complete
                FROM hocba_record r
                JOIN hocba_class c ON c.id = r.class_id
                JOIN hocba_result l ON l.assessment_id = r.assessment_id AND (l.required OR l.level IS NOT NULL)
                LEFT JOIN hocba_signature s
                  ON s.record_id = r.id AND s.role = 'gvbm' AND s.subject_id = l.subject_id AND s.valid
                WHERE r.class_id IN %(classes)s AND r.profile IN %(profiles)s AND r.digitised IS NOT TRUE
                  AND r.state <> 'recalled' AND l.teacher_id IS NOT NULL
                  AND l.teacher_id IS DISTINCT FROM c.homeroom_id
            )
            """,
            classes=tuple(self.ids),
            profiles=tuple(names),
        )
        if records:
            query = SQL("%s SELECT %s FROM p WHERE complete AND NOT signed AND NOT whole", found, wanted)
            query = SQL("%s ORDER BY p.class_id, p.subject_id, p.record_id", query)
        else:
            query = SQL(
                """%s SELECT class_id, subject_id, teacher_id, count(*) AS total,
                             count(*) FILTER (WHERE signed) AS signed,
                             count(*) FILTER (WHERE whole AND NOT signed) AS closed,
                             count(*) FILTER (WHERE complete AND NOT signed AND NOT whole) AS ready
                      FROM p GROUP BY class_id, subject_id, teacher_id ORDER BY class_id, subject_id""",
                found,
            )
        self.env.cr.execute(query)
        return self.env.cr.dictfetchall()

    def action_sign_my_results(self):
        """Sign what is complete of the current user's results in these classes, or in all own classes."""
        self.check_access("read")
        classes = self or self.search([("company_id", "in", self.env.companies.ids)])
        pairs = classes._mine_of(classes._part_rows(records=True))
        if not pairs:
            raise UserError(classes._nothing_to_sign_text())
        lines = [{"record_id": row["record_id"], "subject_id": row["subject_id"]} for row in pairs]
        companies = self.env["hocba.record"].sudo().browse(row["record_id"] for row in pairs).company_id
        return self.env["hocba.signing.job"]._start_lines("gvbm", companies, lines)._open_progress()

    def _nothing_to_sign_text(self):
        rows = self._mine_of(self._part_rows())
        if not rows:
            return self.env._(
                "None of your results needs a signature of its own here: either the format of this school year has no "
                "subject teachers' signatures, or the clerk has not created the records yet."
            )
        waiting = sum(row["total"] - row["signed"] - row["closed"] for row in rows)
        if not waiting:
            return self.env._("All your results are signed.")
        return self.env._(
            "%(count)s of your results cannot be signed yet: a level is missing, or a score where there is a test. "
            "Complete them first.",
            count=waiting,
        )

    def action_open_missing_signers(self):
        """Records of the class that wait for subject teachers."""
        self.ensure_one()
        if not self.env["hocba.record"].has_access("read"):
            raise AccessError(self.env._("Subject teachers see their own results only."))
        action = self.action_open_records()
        action["context"] = {"search_default_wait_gvbm": 1}
        return action
