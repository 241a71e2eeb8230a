"""Changes of school through the department's gateway: what the gateway says of one, and what goes there."""

import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import transfer
from ..core.gateway import RECEIPT, RELEASE, REQUEST, STOP
from .frozen_mixin import TRANSITION

_OPEN_OUT = ("draft", "agreed", "released")
#: What the request fixes.
_ASKED = {"other_code", "other_name", "left_on"}


class TransferBroker(models.Model):
    """The states are those of ``hocba.transfer``. Here an arriving one is completed when the gateway has the receipt,
    and ``agreed --the other school ended it first--> withdrawn``.
    """

    _inherit = "hocba.transfer"

    way = fields.Selection(
        [("file", "By file"), ("registry", "Through the department's gateway")],
        default="file",
        required=True,
        readonly=True,
        copy=False,
    )
    asked_digest = fields.Char("SHA-256 of the request", readonly=True, copy=False)
    asked_reason = fields.Text("Reason of the other school", readonly=True, copy=False)
    step_ids = fields.One2many("hocba.transfer.step", "transfer_id", "Steps to the gateway", readonly=True)
    step_trouble = fields.Text("The gateway refused", compute="_compute_step_trouble")

    @api.depends("step_ids.state", "step_ids.error")
    def _compute_step_trouble(self):
        for each in self:
            refused = each.sudo().step_ids.filtered(lambda step: step.state == "refused")
            each.step_trouble = refused[-1:].error

    def write(self, vals):
        asked = self.browse() if self._is_transition() else self.filtered(lambda each: each.way == "registry")
        if asked and (_ASKED & set(vals) or ("pupil_id" in vals and asked.pupil_id)):
            raise UserError(self.env._("What the other school asked for through the gateway is not changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_none_of_the_gateway(self):
        if any(each.way == "registry" for each in self):
            raise UserError(self.env._("A request of another school is agreed to or refused, not deleted."))

    def _require(self, group, message):
        """As the base method; what the gateway says is taken by the schedule, whoever's role it would be by hand."""
        if self.env.su and self._is_transition():
            self.lock_for_update()
            return self
        return super()._require(group, message)

    def _check_pupil_leaves(self):
        """As the base method; a request that comes is looked at by people, whatever speaks against it."""
        if self.env.context.get("hocba_asked") is TRANSITION:
            return None
        return super()._check_pupil_leaves()

    # What goes to the gateway ------------------------------------------------------------------------

    def _through_registry(self):
        return self.sudo().filtered(lambda each: each.way == "registry")

    def _released(self, manifest):
        """As the base method; the file goes to the gateway by itself."""
        done = super()._released(manifest)
        if self.way == "registry":
            file = base64.b64decode(self.sudo().with_context(bin_size=False).file)
            self.env["hocba.transfer.step"]._queue(self, RELEASE, file)
        return done

    def _answered(self, receipt):
        """As the base method; the receipt goes to the gateway by itself."""
        done = super()._answered(receipt)
        if self.way == "registry":
            self.env["hocba.transfer.step"]._queue(self, RECEIPT, receipt)
        return done

    def _ends_with_receipt(self):
        return self.way == "file" and super()._ends_with_receipt()

    def action_withdraw(self, reason):
        """As the base method; the other school is told through the gateway."""
        done = super().action_withdraw(reason)
        for leaving in self._through_registry():
            company = leaving.company_id
            stop = transfer.TransferStop(
                number=leaving.number,
                digest=leaving.asked_digest,
                school=transfer.School(company.hocba_school_code or "", company.name),
                reason=leaving.reason,
                at=self.env["hocba.submission"]._signing_time(),
            )
            self.env["hocba.transfer.step"]._queue(leaving, STOP, transfer.build_stop(stop))
        return done

    def _may_still_be_answered(self):
        """Not when the gateway has ended it: it takes no acceptance any more."""
        ended = self.sudo().step_ids.filtered(lambda step: step.step == STOP and step.state == "sent")
        return super()._may_still_be_answered() and not ended

    def _step_taken(self, step):
        if step.step == RECEIPT and self.state == "agreed":
            self._move("completed")

    def _step_refused(self, step, code, text):
        if step.step == RECEIPT and code == "55":
            self._give_back(text)
        elif step.step != STOP:  # that an acceptance came first is told by the receipt
            self._tell(self.env._("The gateway refused a step of a change of school"), text)

    # What the gateway says ---------------------------------------------------------------------------

    def _of_row(self, row):
        direction = "out" if row.leaving else "in"
        company = self.env.company
        return self.search(
            [("company_id", "=", company.id), ("direction", "=", direction), ("number", "=", row.number)]
        )

    def _document_wanted(self, row):
        """Name of the document that is still to be fetched for a ``TransferRow``; None when there is none."""
        known = self._of_row(row)
        if row.leaving and row.state in ("accepted", "refused"):
            return RECEIPT if known.manifest_digest and not known.receipt_digest else None
        return RELEASE if not row.leaving and row.state == "released" and not known else None

    def _take_row(self, row, content):
        """Bring this school up to what the gateway says of one hand-over; ``content``: the document wanted, or None."""
        rows = self.sudo()._in_transition()
        known = rows._of_row(row)
        if row.leaving:
            rows._take_leaving(row, known, content)
        else:
            rows._take_arriving(row, known, content)

    def _take_leaving(self, row, known, content):
        if content:
            self._enter_receipt(content)
        elif row.state == "requested" and not known:
            self._note_asked(row)
        elif row.state == "stopped" and known.state in _OPEN_OUT and row.ended_by == row.target_code:
            known.lock_for_update()
            known._move("withdrawn", reason=self._ended_text(row))

    def _note_asked(self, row):
        """Another school asks for a pupil: a draft for the head, with what was asked."""
        pupil = (
            self.env["hocba.pupil"]
            .with_context(active_test=False)
            .search([("company_id", "=", self.env.company.id), ("code", "=", row.pupil_code)], limit=1)
        )
        asked = {
            "number": row.number,
            "way": "registry",
            "asked_digest": row.digests.get(REQUEST),
            "other_code": row.target_code,
            "other_name": row.target_name,
            "left_on": row.from_day,
            "asked_reason": row.reason,
        }
        under_way = pupil.transfer_ids.filtered(lambda each: each.direction == "out" and each.state in _OPEN_OUT)
        if under_way.state == "draft" and (under_way.other_code or "").strip() == row.target_code:
            under_way.write(asked)
        elif under_way:
            raise UserError(
                self.env._(
                    "%(school)s asks for %(name)s through the gateway, but another change of school of the pupil is "
                    "under way. End that one, or refuse this request.",
                    school=row.target_name,
                    name=row.pupil_name,
                )
            )
        else:
            values = {**asked, "direction": "out", "company_id": self.env.company.id, "pupil_id": pupil.id}
            draft = self.with_context(hocba_asked=TRANSITION).create(values)
            draft.with_context(hocba_asked=None).pupil_name = row.pupil_name

    def _take_arriving(self, row, known, content):
        request = self.env["hocba.transfer.request"].search(
            [("company_id", "=", self.env.company.id), ("number", "=", row.number)]
        )
        if content:
            known = self._enter_file(content)
            known.write({"way": "registry", "asked_digest": row.digests.get(REQUEST), "class_id": request.class_id.id})
            request._in_transition().write({"state": "delivered", "transfer_id": known.id})
        elif row.state == "accepted" and known.state == "agreed" and known.receipt_digest:
            known._move("completed")
        elif row.state == "stopped":
            text = self._ended_text(row)
            if request.state in ("sending", "asked"):
                request._in_transition().write({"state": "ended", "answer": text})
                request._tell(self.env._("A request for a pupil was ended"), text)
            if known.state in ("received", "agreed"):
                known._give_back(text)

    def _ended_text(self, row):
        school = row.source_name if row.ended_by == row.source_code else row.target_name
        return self.env._("Ended by %(school)s: %(reason)s", school=school, reason=row.end_reason or "-")

    def _give_back(self, text):
        """The other school ended it before the gateway had the receipt: the pupil stays there."""
        rows = self._in_transition()
        rows.lock_for_update()
        pupil = rows.pupil_id
        if rows.state == "agreed" and pupil:
            joined = pupil.enrolment_ids.filtered(
                lambda line: line.class_id and not line.date_to and line.date_from == rows.left_on
            )
            joined.write({"date_to": rows.left_on, "end_reason": "left"})
            if not pupil.record_ids and pupil.transfer_ids == rows:
                pupil.active = False
        if rows.state in ("received", "agreed"):
            rows._move("withdrawn", reason=text)
            rows._tell(self.env._("A change of school was ended: the pupil stays at the other school"), text)

    def _note_row_trouble(self, row, text):
        """What could not be taken from the gateway, as a task where people see it."""
        known = self._of_row(row)
        request = self.env["hocba.transfer.request"].search(
            [("company_id", "=", self.env.company.id), ("number", "=", row.number)]
        )
        pupil = self.env["hocba.pupil"].search(
            [("company_id", "=", self.env.company.id), ("code", "=", row.pupil_code)], limit=1
        )
        place = known or request or pupil.transfer_ids.filtered(lambda each: each.state in _OPEN_OUT)[:1]
        if place:
            place._tell(self.env._("A change of school through the gateway needs a look"), text)

    def _tell(self, summary, text):
        """A task for head and clerk of the school, once for the same thing."""
        head = self.company_id.hocba_head_id
        if head and summary not in self.activity_ids.mapped("summary"):
            self.activity_schedule("mail.mail_activity_data_todo", summary=summary, note=text, user_id=head.id)

    # Buttons -----------------------------------------------------------------------------------------

    @api.model
    def action_fetch_now(self, *_ids):
        """Clerk or head: send what waits and fetch what is there, now."""
        groups = ("hocba_digital.group_clerk", "hocba_digital.group_head")
        if not any(self.env.user.has_group(group) for group in groups):
            raise UserError(self.env._("Only the clerk or the head fetches from the gateway."))
        endpoint = self.env["hocba.endpoint"]._for_company(self.env.company).sudo()
        if endpoint.environment != "production" or endpoint.transport != "wire":
            raise UserError(self.env._("Pupils are asked for at the department's real gateway, over the network."))
        problem = self.env["hocba.transfer.step"].sudo()._exchange(endpoint, force=True)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": problem or self.env._("Up to date with the gateway."),
                "type": "warning" if problem else "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_send_again(self):
        """Clerk: what the gateway refused goes once more, after its cause was mended."""
        for each in self._require("group_clerk", self.env._("Only the clerk sends to the gateway.")):
            refused = each.step_ids.filtered(lambda step: step.state == "refused")[-1:]
            if refused:
                again = {"state": "waiting", "error": False, "next_try_at": fields.Datetime.now()}
                refused._in_transition().write(again)
                self.env.ref("hocba_digital.cron_transfers").sudo()._trigger()
        return True
