import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

_logger = logging.getLogger(__name__)

PORTION = 100
#: A job that nobody asked to go on for this long is taken over by the schedule.
QUIET = timedelta(minutes=1)
CONTENTS = [("record", "Records of one year"), ("book", "Whole books")]
OUTPUTS = [("pdf", "One PDF for all"), ("zip", "One PDF per pupil, in a zip file")]


class PrintJob(models.Model):
    """Printing of many records in portions; goes on without the browser, and is found again by its owner.

    ::

        running --> done --> expired
           |  ^                 ^
           v  |                 |
         stopped ---------------+

    Each portion is one transaction: its pages are kept as a part, checked, before its lines are called done; a crash
    loses at most the portion it was in. What cannot be printed is a line with a reason, never a silent gap.
    """

    _name = "hocba.print.job"
    _description = "Printing"
    _order = "id desc"

    name = fields.Char("Printed", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Printed by", required=True, readonly=True, index=True)
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True)
    content = fields.Selection(CONTENTS, "What", required=True, readonly=True)
    output = fields.Selection(OUTPUTS, "As", required=True, readonly=True)
    state = fields.Selection(
        [("running", "Running"), ("stopped", "Stopped"), ("done", "Done"), ("expired", "File removed")],
        default="running",
        required=True,
        readonly=True,
        index=True,
    )
    line_ids = fields.One2many("hocba.print.job.line", "job_id", "Pupils", readonly=True)
    part_ids = fields.One2many("hocba.print.part", "job_id", readonly=True, groups=fields.NO_ACCESS)
    total = fields.Integer(compute="_compute_counts")
    done = fields.Integer("Ready", compute="_compute_counts")
    left_out = fields.Integer("Left out", compute="_compute_counts")
    waiting = fields.Integer(compute="_compute_counts")
    # Handed out by the download alone, which leaves a trace with every record.
    result = fields.Binary(attachment=True, readonly=True, groups=fields.NO_ACCESS)
    result_name = fields.Char("File", readonly=True)
    page_count = fields.Integer("Pages", readonly=True)
    expires_at = fields.Datetime("Kept until", readonly=True)
    active_at = fields.Datetime("Last active", readonly=True, default=fields.Datetime.now)
    attempts = fields.Integer(readonly=True, groups=fields.NO_ACCESS)
    note = fields.Text("What went wrong", readonly=True)

    @api.depends("line_ids.state")
    def _compute_counts(self):
        groups = self.env["hocba.print.job.line"]._read_group(
            [("job_id", "in", self.ids)], ["job_id", "state"], ["__count"]
        )
        counts = {(job.id, state): count for job, state, count in groups}
        for job in self:
            job.done = counts.get((job.id, "done"), 0)
            job.left_out = counts.get((job.id, "left_out"), 0)
            job.waiting = counts.get((job.id, "waiting"), 0)
            job.total = job.done + job.left_out + job.waiting

    @api.model
    def _start(self, name, sources, output="pdf"):
        """Job over ``sources``: records of one year, or pupils for their whole books. The user must be able to read
        them. Raises UserError when there are none or they are of several schools.
        """
        sources.check_access("read")
        if not sources:
            raise UserError(self.env._("There is no record to print."))
        if len(sources.company_id) > 1:
            raise UserError(self.env._("Print the records of one school at a time."))
        is_book = sources._name == "hocba.pupil"
        link = "pupil_id" if is_book else "record_id"
        job = self.sudo().create(
            {
                "name": name,
                "user_id": self.env.uid,
                "company_id": sources.company_id.id,
                "content": "book" if is_book else "record",
                "output": output,
                "line_ids": [
                    (0, 0, {link: source.id, "position": position}) for position, source in enumerate(sources)
                ],
            }
        )
        return job.sudo(False)

    def _open_progress(self):
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "hocba_print_progress",
            "target": "new",
            "name": self.env._("Print"),
            "params": {"job_id": self.id},
        }

    def action_open_progress(self):
        self._check_mine()
        return self._open_progress()

    def action_download(self):
        self._check_mine()
        if self.state != "done":
            raise UserError(self.env._("The file of this print is not there (any more). Print again."))
        return {"type": "ir.actions.act_url", "url": f"/hocba/print-job/{self.id}/download", "target": "self"}

    def progress(self):
        """Counts, state and what was left out: the whole content of the progress display."""
        self.ensure_one()
        self.check_access("read")
        left_out = self.line_ids.filtered(lambda line: line.state == "left_out")
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "total": self.total,
            "done": self.done,
            "left_out": self.left_out,
            "waiting": self.waiting,
            "file": self.result_name,
            "pages": self.page_count,
            "expires_at": fields.Datetime.to_string(self.expires_at) if self.expires_at else False,
            "note": self.note,
            "reasons": [{"id": line.id, "name": line.display_name, "reason": line.reason} for line in left_out[:200]],
        }

    def process(self, limit=PORTION):
        """Print the next ``limit`` pupils. Returns :meth:`progress`, also while the schedule is at work on the job."""
        self._check_mine()
        job = self.sudo().try_lock_for_update()
        if job and job.state == "running":
            self._print_portion(max(1, min(int(limit), 200)))
        return self.progress()

    def stop(self):
        """Stop after the portion that is under way; what is printed stays."""
        self._check_mine()
        if self.state == "running":
            self.sudo().state = "stopped"
        return self.progress()

    def resume(self):
        """Go on where it stopped."""
        self._check_mine()
        if self.state == "stopped":
            self.sudo().write({"state": "running", "note": False, "active_at": fields.Datetime.now()})
        return self.progress()

    def leave(self):
        """The window is closed: the schedule goes on at once."""
        self._check_mine()
        if self.state == "running":
            self.sudo().active_at = fields.Datetime.now() - 2 * QUIET
            self.env.ref("hocba_digital.cron_print").sudo()._trigger()

    def _check_mine(self):
        self.ensure_one()
        if self.user_id != self.env.user:
            raise AccessError(self.env._("This print belongs to %(name)s.", name=self.sudo().user_id.name))

    @api.model
    def _cron_print(self):
        """Go on with prints whose window was closed or whose server died. Never raises."""
        quiet = fields.Datetime.now() - QUIET
        jobs = self.sudo().search([("state", "=", "running"), ("active_at", "<", quiet)], order="id")
        self.env["ir.cron"]._commit_progress(remaining=sum(jobs.mapped("waiting")))
        for job in jobs:
            while job.exists() and job.state == "running" and job.try_lock_for_update():
                if not job._background_portion():
                    return

    def _background_portion(self):
        """One portion as the owner. Returns whether there is time for another."""
        waiting, attempts = self.waiting, self.attempts + 1
        self.attempts = attempts
        cron = self.env["ir.cron"]
        # Committed before the work: a server that dies in it leaves the number of attempts behind.
        cron._commit_progress()
        owner = self.user_id
        mine = self.with_user(owner).with_company(self.company_id).with_context(lang=owner.lang, tz=owner.tz)
        try:
            if attempts > 3:
                mine._give_up_next()
            else:
                mine._print_portion(PORTION if attempts == 1 else 1)
            self.attempts = 0
        except Exception as error:
            self.env.cr.rollback()
            _logger.exception("Print job %s: a portion failed", self.id)
            text = (
                str(error) if isinstance(error, UserError) else self.env._("The server could not print this portion.")
            )
            self.note = text
            if isinstance(error, UserError):
                self.state = "stopped"
        return cron._commit_progress(max(0, waiting - self.waiting))

    @api.autovacuum
    def _gc_results(self):
        """Remove files past their date, and prints that were stopped and forgotten for a week."""
        now = fields.Datetime.now()
        old = self.sudo().search([("state", "=", "done"), ("expires_at", "<", now)])
        old |= self.sudo().search(
            [("state", "in", ("stopped", "running")), ("active_at", "<", now - timedelta(days=7))]
        )
        old.part_ids.unlink()
        old.write({"state": "expired", "result": False})
