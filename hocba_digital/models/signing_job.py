from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class SigningJob(models.Model):
    """One approval over many records: what is done, what was left out and why; can be stopped and resumed.

    The browser asks for the next portion again and again, each portion one transaction, so that a
    crash loses at most the portion it was in and signs nothing twice. The PIN is never stored.
    """

    _name = "hocba.signing.job"
    _description = "Signing"
    _order = "id desc"

    name = fields.Char("Signing", compute="_compute_name")
    user_id = fields.Many2one("res.users", "Signed by", required=True, readonly=True, default=lambda self: self.env.uid)
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True)
    role = fields.Selection(
        [("gvcn", "Homeroom teacher"), ("cbql", "Head"), ("seal", "School's seal")], "Sign as", readonly=True
    )
    certificate_id = fields.Many2one("hocba.certificate", readonly=True)
    state = fields.Selection(
        [("running", "Running"), ("stopped", "Stopped"), ("done", "Done")], default="running", readonly=True
    )
    line_ids = fields.One2many("hocba.signing.job.line", "job_id", "Records", readonly=True)
    total = fields.Integer(compute="_compute_counts")
    done = fields.Integer("Signed", compute="_compute_counts")
    left_out = fields.Integer("Left out", compute="_compute_counts")
    waiting = fields.Integer(compute="_compute_counts")

    @api.depends("role", "user_id")
    def _compute_name(self):
        labels = dict(self._fields["role"]._description_selection(self.env))
        for job in self:
            job.name = self.env._(
                "%(user)s as %(role)s, %(count)s records",
                user=job.user_id.name,
                role=labels.get(job.role, ""),
                count=job.total,
            )

    @api.depends("line_ids.state")
    def _compute_counts(self):
        groups = self.env["hocba.signing.job.line"]._read_group(
            [("job_id", "in", self.ids)], ["job_id", "state"], ["__count"]
        )
        counts = {(job.id, state): count for job, state, count in groups}
        for job in self:
            job.done = counts.get((job.id, "done"), 0)
            job.left_out = counts.get((job.id, "left_out"), 0)
            job.waiting = counts.get((job.id, "waiting"), 0)
            job.total = job.done + job.left_out + job.waiting

    @api.model
    def _start(self, records):
        """Job over those of ``records`` that wait for the current user; all must wait for the same role."""
        mine = records.filtered("can_sign")
        if not mine:
            hint = records[:1]._sign_hint() if records else ""
            raise UserError(self.env._("None of these records waits for your signature. %(hint)s", hint=hint or ""))
        role = self._one_role(mine)
        mine = mine.filtered(lambda record: record.waiting_for == role)
        company = mine.company_id
        if len(company) > 1:
            raise UserError(self.env._("Sign the records of one school at a time."))
        certificate = self.env["hocba.certificate"]._for_role(role, company)
        if not certificate:
            raise UserError(
                self.env._(
                    "You have no valid certificate with a key on this server. Upload one under “My certificates”."
                )
            )
        job = self.sudo().create(
            {
                "user_id": self.env.uid,
                "company_id": company.id,
                "role": role,
                "certificate_id": certificate.id,
                "line_ids": [(0, 0, {"record_id": record.id}) for record in mine],
            }
        )
        return job.sudo(False)

    def _one_role(self, records):
        """The earliest role among the records: a person who holds two signs the earlier one first."""
        roles = set(records.mapped("waiting_for"))
        return next(role for role in ("gvcn", "cbql", "seal") if role in roles)

    def _open_progress(self):
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "hocba_signing_progress",
            "target": "new",
            "name": self.env._("Sign records"),
            "params": {"job_id": self.id},
        }

    def action_resume(self):
        self._check_mine()
        if self.state == "done":
            raise UserError(self.env._("This signing is finished."))
        return self._open_progress()

    def action_open_records(self):
        return self.line_ids.record_id._open_list(self.name)

    def progress(self):
        """Counts, state and who signs with what: the whole content of the progress display."""
        self.ensure_one()
        self.check_access("read")
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "role": self.role,
            "certificate": self.certificate_id.sudo().name,
            "total": self.total,
            "done": self.done,
            "left_out": self.left_out,
            "waiting": self.waiting,
            "reasons": [
                {"record": line.record_id.display_name, "record_id": line.record_id.id, "reason": line.reason}
                for line in self.line_ids.filtered(lambda line: line.state == "left_out")[:50]
            ],
        }

    def process(self, pin, limit=50):
        """Sign the next ``limit`` records. Returns :meth:`progress`. A wrong PIN raises and changes nothing."""
        self._check_mine()
        job = self.sudo()
        job.lock_for_update()
        if job.state == "done":
            return self.progress()
        signer = self.certificate_id._signer(pin)
        lines = job.line_ids.filtered(lambda line: line.state == "waiting")[: max(1, min(int(limit), 200))]
        records = self.env["hocba.record"].browse(lines.record_id.ids)
        left_out = records._sign(self.role, self.certificate_id, signer)
        for line in lines:
            reason = left_out.get(line.record_id.id)
            line.write({"state": "left_out" if reason else "done", "reason": reason})
        job.state = "running" if job.line_ids.filtered(lambda line: line.state == "waiting") else "done"
        return self.progress()

    def stop(self):
        """Stop after the portion that is under way; what is signed stays signed."""
        self._check_mine()
        job = self.sudo()
        if job.state == "running":
            job.state = "stopped"
        return self.progress()

    def _check_mine(self):
        self.ensure_one()
        if self.user_id != self.env.user:
            raise AccessError(self.env._("This signing belongs to %(name)s.", name=self.sudo().user_id.name))
