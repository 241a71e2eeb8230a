from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core.signing import SigningError
from .record_content import VIETNAM
from .signature import ROLES


class SigningJob(models.Model):
    """One approval over many records: what is done, what was left out and why; can be stopped and resumed.

    ::

        running --> approval --> running --> done      (keys that answer later: signing_job_approval)
           |  ^        |            |
           v  |        v            v
         stopped <-----+------------+

    The browser asks for the next portion again and again, each portion one transaction, so that a
    crash loses at most the portion it was in and signs nothing twice. The PIN is never stored.
    """

    _name = "hocba.signing.job"
    _description = "Signing"
    _order = "id desc"

    name = fields.Char("Signing", compute="_compute_name")
    user_id = fields.Many2one("res.users", "Signed by", required=True, readonly=True, default=lambda self: self.env.uid)
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True)
    kind = fields.Selection(
        [("packet", "Records"), ("pdf", "PDF files")], "What is signed", default="packet", required=True, readonly=True
    )
    role = fields.Selection(
        [
            *ROLES,
            ("report", "School's seal on the report"),
            ("transfer", "School's seal on a change of school"),
            ("results", "Head, on results of a year under way"),
        ],
        "Sign as",
        readonly=True,
    )
    certificate_id = fields.Many2one("hocba.certificate", readonly=True)
    state = fields.Selection(
        [
            ("running", "Running"),
            ("approval", "Waiting for approval"),
            ("stopped", "Stopped"),
            ("done", "Done"),
        ],
        default="running",
        readonly=True,
        index=True,
    )
    line_ids = fields.One2many("hocba.signing.job.line", "job_id", "Records", readonly=True)
    total = fields.Integer(compute="_compute_counts")
    done = fields.Integer("Signed", compute="_compute_counts")
    left_out = fields.Integer("Left out", compute="_compute_counts")
    waiting = fields.Integer(compute="_compute_counts")

    @api.depends("role", "user_id", "kind")
    def _compute_name(self):
        labels = dict(self._fields["role"]._description_selection(self.env))
        for job in self:
            values = {
                "user": job.user_id.name,
                "role": labels.get(job.role, ""),
                "count": len(job.line_ids if job.role in ("gvbm", "transfer", "results") else job.sudo()._records()),
            }
            if job.kind == "pdf":
                job.name = self.env._("%(user)s as %(role)s, %(count)s PDF files", **values)
            elif job.role in ("transfer", "results"):
                job.name = self.env._("%(user)s as %(role)s, %(count)s pupils", **values)
            elif job.role == "gvbm":
                job.name = self.env._("%(user)s as %(role)s, %(count)s results", **values)
            else:
                job.name = self.env._("%(user)s as %(role)s, %(count)s records", **values)

    @api.depends("line_ids.state")
    def _compute_counts(self):
        groups = self.env["hocba.signing.job.line"]._read_group(
            [("job_id", "in", self.ids)], ["job_id", "state"], ["__count"]
        )
        counts = {(job.id, state): count for job, state, count in groups}
        for job in self:
            job.done = counts.get((job.id, "done"), 0)
            job.left_out = counts.get((job.id, "left_out"), 0)
            job.waiting = counts.get((job.id, "waiting"), 0) + counts.get((job.id, "asked"), 0)
            job.total = job.done + job.left_out + job.waiting

    @api.model
    def _start(self, records, kind="packet"):
        """Job over those of ``records`` that wait for the current user; all must wait for the same role."""
        turns = {record: record._signing_turn(kind) for record in records}
        mine = records.filtered(lambda record: turns[record][0])
        if not mine:
            hint = turns[records[0]][1] if records else ""
            raise UserError(self.env._("None of these records waits for your signature. %(hint)s", hint=hint or ""))
        # A person who holds two roles signs the earlier one first.
        role = min((turns[record][0] for record in mine), key=("gvcn", "cbql", "seal").index)
        mine = mine.filtered(lambda record: turns[record][0] == role)
        return self._start_lines(role, mine.company_id, [{"record_id": record.id} for record in mine], kind)

    @api.model
    def _start_lines(self, role, company, lines, kind="packet"):
        """Job of the current user over ``lines`` (values of the lines)."""
        if len(company) > 1:
            raise UserError(self.env._("Sign the records of one school at a time."))
        certificate = self.env["hocba.certificate"]._for_role(role, company)
        if not certificate:
            raise UserError(
                self.env._("You have no valid certificate to sign with. Register one under “My certificates”.")
            )
        job = self.sudo().create(
            {
                "user_id": self.env.uid,
                "company_id": company.id,
                "kind": kind,
                "role": role,
                "certificate_id": certificate.id,
                "line_ids": [(0, 0, values) for values in lines],
            }
        )
        return job.sudo(False)

    def _rounds(self, lines):
        """Lines in groups that are signed one after the other: records of one format, each once in a group."""
        rounds, seen = {}, {}
        for line in lines:
            seen[line.record_id] = seen.get(line.record_id, 0) + 1
            key = (line.record_id.profile, seen[line.record_id])
            rounds[key] = rounds.get(key, lines.browse()) | line
        return list(rounds.values())

    def _prepare(self, lines, at):
        """(lines, what is prepared, {line id: why it is left out}) of the lines of one round.

        A line that is neither prepared nor left out is of a record that is being worked on right now.
        """
        records = self.env["hocba.record"].browse(lines.record_id.ids)
        if self.role == "gvbm":
            # Subject teachers read no records; what they may sign is checked subject by subject.
            prepare = records.sudo()._prepare_parts(self._subjects(lines), self.certificate_id, at)
        elif self.kind == "pdf":
            prepare = records.sudo(False).with_env(self.env)._prepare_pdf_signatures(self.role, self.certificate_id, at)
        else:
            prepare = records.sudo(False).with_env(self.env)._prepare_signatures(self.role, self.certificate_id, at)
        records, prepared, left_out = prepare
        line_of = {line.record_id.id: line.id for line in lines}
        ready = lines.browse([line_of[number] for number in records.ids])
        return ready, prepared, {line_of[number]: reason for number, reason in left_out.items()}

    def _subjects(self, lines):
        return {line.record_id.id: line.subject_id.sudo() for line in lines}

    def _put(self, lines, prepared, values, at):
        """Put the values into the records' packets, or into their PDF files, or keep them as signatures on parts."""
        records = self.env["hocba.record"].browse(lines.record_id.ids)
        if self.role == "gvbm":
            records.sudo()._finish_parts(self._subjects(lines), self.certificate_id, prepared, values, at)
            return
        finish = records._finish_pdf_signatures if self.kind == "pdf" else records._finish_signatures
        finish(self.role, self.certificate_id, prepared, values, at)

    def _sign_now(self, lines, signer):
        """Sign with a key that answers at once; returns (signed lines, line id -> why it was left out)."""
        at = datetime.now(VIETNAM).replace(microsecond=0)
        lines, prepared, left_out = self._prepare(lines, at)
        if lines:
            try:
                values = signer.request(prepared.digests).values
            except SigningError as error:
                raise UserError(self.env["hocba.record"]._signing_text(error.code)) from error
            self._put(lines, prepared, values, at)
        return lines, left_out

    def _open_progress(self):
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "hocba_signing_progress",
            "target": "new",
            "name": self.env._("Sign PDF files") if self.kind == "pdf" else self.env._("Sign records"),
            "params": {"job_id": self.id},
        }

    def action_resume(self):
        self._check_mine()
        if self.state == "done":
            raise UserError(self.env._("This signing is finished."))
        return self._open_progress()

    def action_open_records(self):
        if self.role == "gvbm":
            return self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_my_subjects")
        return self._records()._open_list(self.name)

    def _records(self):
        return self.line_ids.record_id | self.line_ids.record_ids

    def progress(self):
        """Counts, state and who signs with what: the whole content of the progress display."""
        self.ensure_one()
        self.check_access("read")
        certificate = self.certificate_id.sudo()
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "role": self.role,
            "certificate": certificate.name,
            "certificate_id": certificate.id,
            "certificates": self._choices(),
            "provider": certificate.provider,
            "service": certificate.service_id.name or "",
            "asks_pin": certificate.asks_pin,
            "otp_kind": certificate.otp_kind,
            "note": self.note or "",
            "total": self.total,
            "done": self.done,
            "left_out": self.left_out,
            "waiting": self.waiting,
            "signed_waiting": len(self.line_ids.sudo().filtered("value")),
            "reasons": [
                {"id": line.id, "record": line._label(), "record_id": line.record_id.id, "reason": line.reason}
                for line in self.line_ids.sudo().filtered(lambda line: line.state == "left_out")[:50]
            ],
        }

    def _choices(self):
        if self.user_id != self.env.user:
            return []
        usable = self.env["hocba.certificate"]._usable_for(self.role, self.company_id).sudo()
        kinds = dict(usable._fields["provider"]._description_selection(self.env))
        return [{"id": line.id, "name": f"{line.name}: {kinds[line.provider]}"} for line in usable]

    def choose(self, certificate_id):
        """Sign the rest with another of the own certificates. Returns :meth:`progress`."""
        job = self._mine_locked()
        usable = self.env["hocba.certificate"]._usable_for(job.role, job.company_id)
        if certificate_id not in usable.ids:
            raise UserError(self.env._("This certificate cannot be used here."))
        if job.state != "done" and job.certificate_id.id != certificate_id:
            job._release(False)
            job.certificate_id = certificate_id
        return self.progress()

    def process(self, pin, limit=50):
        """Sign the next ``limit`` records. Returns :meth:`progress`. A wrong PIN raises and changes nothing."""
        job = self._mine_locked()
        if job.state == "done":
            return self.progress()
        if not self.certificate_id._answers_at_once():
            raise UserError(self.env._("This key needs an approval; sign in the dialog."))
        signer = self.certificate_id._signer(pin)
        lines = job.line_ids.filtered(lambda line: line.state == "waiting")
        limit = max(1, min(int(limit), 200))
        if self.role in ("report", "transfer", "results"):
            self._report_now(lines[:limit], signer)
        elif lines:
            signed, left_out = self._sign_now(self._rounds(lines)[0][:limit], signer)
            job._settle(signed | lines.browse(left_out), left_out)
        return self.progress()

    def _settle(self, lines, left_out):
        """Note what became of ``lines`` (``left_out``: line id -> reason); the job is done when nothing is left."""
        for line in lines:
            reason = left_out.get(line.id)
            line.write({"state": "left_out" if reason else "done", "reason": reason, "digest": False, "value": False})
        left = any(line.state in ("waiting", "asked") for line in self.line_ids)
        self.write({"state": "running" if left else "done", "note": False})

    def stop(self):
        """Stop after the portion that is under way; what is signed stays signed."""
        job = self._mine_locked()
        if job.state in ("running", "approval"):
            job._release(False)
            job.state = "stopped"
        return self.progress()

    def action_give_up(self):
        """Sign no more of these records; what is signed stays signed."""
        job = self._mine_locked()
        job._release(False, values=True)
        waiting = job.line_ids.filtered(lambda line: line.state == "waiting")
        if waiting:
            job._settle(waiting, dict.fromkeys(waiting.ids, self.env._("The signer gave up signing it.")))

    def _mine_locked(self):
        """This job, which must be the current user's, locked for this transaction and writable."""
        self._check_mine()
        job = self.sudo().try_lock_for_update()
        if not job:
            raise UserError(self.env._("This signing is being worked on at this moment. Try again in a few seconds."))
        return job

    def _check_mine(self):
        self.ensure_one()
        if self.user_id != self.env.user:
            raise AccessError(self.env._("This signing belongs to %(name)s.", name=self.sudo().user_id.name))
