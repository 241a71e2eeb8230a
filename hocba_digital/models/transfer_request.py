import hashlib
import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core import transfer
from ..core.gateway import REQUEST, STOP


class TransferRequest(models.Model):
    """This school asks the department's gateway for a pupil who comes; the file that follows is a change of school.

    ::

        sending --the gateway has it--> asked --the file came--> delivered
            \\--the gateway refuses-> refused   \\--either school ends it, or this one refused the file--> ended
    """

    _name = "hocba.transfer.request"
    _description = "Request for a Pupil's Record"
    _inherit = ["mail.thread", "mail.activity.mixin", "hocba.frozen.mixin"]
    _order = "id desc"
    _rec_name = "pupil_name"
    _rec_names_search = ["pupil_name", "pupil_code", "number"]
    _check_company_auto = True

    _frozen_states = ("refused", "ended")

    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True)
    number = fields.Char("Number of the hand-over", required=True, readonly=True, index=True)
    pupil_code = fields.Char("Pupil code", required=True, readonly=True)
    pupil_name = fields.Char("Name of the pupil", required=True, readonly=True)
    birth_date = fields.Date("Date of birth", required=True, readonly=True)
    id_number = fields.Char("ID number", readonly=True)
    from_day = fields.Date("Changes school on", required=True, readonly=True)
    class_id = fields.Many2one("hocba.class", "Class here", check_company=True, readonly=True, ondelete="restrict")
    reason = fields.Text(required=True, readonly=True)
    digest = fields.Char("SHA-256 of the request", required=True, readonly=True)
    state = fields.Selection(
        [
            ("sending", "Being sent"),
            ("asked", "Waiting for the other school"),
            ("delivered", "File received"),
            ("refused", "Refused by the gateway"),
            ("ended", "Ended early"),
        ],
        default="sending",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    answer = fields.Text("What was answered", readonly=True)
    transfer_id = fields.Many2one("hocba.transfer", "Change of school", readonly=True, index=True, ondelete="restrict")
    step_ids = fields.One2many("hocba.transfer.step", "request_id", "Steps", readonly=True)

    _number_once = models.UniqueIndex("(company_id, number)", "This hand-over was asked for already.")

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_transition():
            raise UserError(self.env._("Ask for a pupil with the button."))
        return super().create(vals_list)

    def write(self, vals):
        if not self._is_transition() and any(not name.startswith(("message_", "activity_")) for name in vals):
            raise UserError(self.env._("What was asked for is not changed. End the request and make another."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Requests are kept."))

    @api.model
    @api.private
    def _ask_for(self, values, pin):
        """Clerk: seal a request of the own school and store it to be sent. ``values``: fields of this model."""
        company = self.env.company
        if not self.env.user.has_group("hocba_digital.group_clerk"):
            raise AccessError(self.env._("Only the clerk asks for a pupil's record."))
        self._check_offered(company)
        number = str(uuid.uuid4())
        request = transfer.TransferRequest(
            number=number,
            pupil=transfer.HandedPupil(
                values["pupil_code"].strip(),
                " ".join(values["pupil_name"].split()),
                values["birth_date"],
                (values.get("id_number") or "").strip(),
            ),
            target=transfer.School(company.hocba_school_code or "", company.name),
            from_day=values["from_day"],
            reason=values["reason"],
            at=self.env["hocba.submission"]._signing_time(),
        )
        content = (
            self.env["hocba.transfer"].new({"company_id": company.id})._sealed(transfer.build_request(request), pin)
        )
        given = {**values, "pupil_code": request.pupil.code, "pupil_name": request.pupil.name}
        row = (
            self.sudo()
            ._in_transition()
            .create(
                {
                    **given,
                    "id_number": request.pupil.id_number or False,
                    "company_id": company.id,
                    "number": number,
                    "digest": hashlib.sha256(content).hexdigest(),
                }
            )
        )
        self.env["hocba.transfer.step"]._queue(row, REQUEST, content)
        return row.with_env(self.env)

    def _check_offered(self, company):
        """Raises UserError where the gateway does not pass changes of school on, as far as is known."""
        endpoint = self.env["hocba.endpoint"]._for_company(company).sudo()
        if endpoint.environment != "production" or endpoint.transport != "wire":
            raise UserError(self.env._("Pupils are asked for at the department's real gateway, over the network."))
        if not endpoint.transfers_offered:
            raise UserError(
                self.env._(
                    "As far as is known, the department's gateway does not pass changes of school on. Press “Ask the "
                    "gateway now”; else use the file of the other school."
                )
            )

    def action_end(self, reason):
        """Clerk or head: the pupil does not come. Once the file is here, the head refuses it instead."""
        reason = " ".join((reason or "").split())
        if not reason:
            raise UserError(self.env._("Give the reason."))
        groups = ("hocba_digital.group_clerk", "hocba_digital.group_head")
        if not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(self.env._("Only the clerk or the head ends a request."))
        self.check_access("read")
        requests = self.sudo()
        requests.lock_for_update(allow_referencing=True)
        for request in requests:
            if request.state not in ("sending", "asked"):
                raise UserError(self.env._("%(name)s: this request is answered already.", name=request.pupil_name))
            company = request.company_id
            stop = transfer.TransferStop(
                number=request.number,
                digest=request.digest,
                school=transfer.School(company.hocba_school_code or "", company.name),
                reason=reason,
                at=self.env["hocba.submission"]._signing_time(),
            )
            self.env["hocba.transfer.step"]._queue(request, STOP, transfer.build_stop(stop))
        return True

    # What the gateway answers ----------------------------------------------------------------------

    def _step_taken(self, step):
        if step.step == REQUEST and self.state == "sending":
            self._in_transition().write({"state": "asked"})
        elif step.step == STOP and self.state in ("sending", "asked"):
            self._in_transition().write({"state": "ended", "answer": self.env._("Ended by this school.")})

    def _step_refused(self, step, _code, text):
        if step.step == REQUEST and self.state == "sending":
            self._in_transition().write({"state": "refused", "answer": text})
        self._tell(self.env._("The gateway refused: %(step)s", step=step.step), text)

    def _tell(self, summary, text):
        """A task for who asked, once for the same thing."""
        if summary not in self.activity_ids.mapped("summary"):
            self.activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, note=text, user_id=self.create_uid.id
            )

    @api.model
    def action_fetch_now(self, *_ids):
        """As the button at the changes of school."""
        return self.env["hocba.transfer"].action_fetch_now()

    def action_open_transfer(self):
        """The change of school that followed."""
        self.ensure_one()
        return self.transfer_id.get_formview_action()
