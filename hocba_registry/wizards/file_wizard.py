import base64
import json

from odoo import Command, fields, models
from odoo.addons.hocba_digital.core.gateway.files import FileError, answer_name, pack, read_file
from odoo.exceptions import UserError

from ..models.transaction import BATCH


class FileWizard(models.TransientModel):
    """Transactions that schools bring as files: taken by the intake of the wire, judged, answered into a file."""

    _name = "hocba.registry.file.wizard"
    _description = "Transactions from Files"

    file = fields.Binary(attachment=False, help="MESSAGEID.json of one school, or a .zip with several.")
    file_name = fields.Char()
    line_ids = fields.One2many("hocba.registry.file.wizard.line", "wizard_id", "Transactions", readonly=True)
    answers = fields.Binary(attachment=False, readonly=True)
    answers_name = fields.Char(default="tra-loi.zip", readonly=True)

    def action_take(self):
        """Take what the file holds, judge it, and make the file with the answers."""
        self.ensure_one()
        if not self.file:
            raise UserError(self.env._("Choose the file that the school brought."))
        try:
            requests = read_file(self.file_name or "", base64.b64decode(self.file))
        except FileError as error:
            raise UserError(
                self.env._("The file holds no transaction: it is damaged, too large, or not made by school software.")
            ) from error
        answers = {}
        # A delivery comes before the query that asks for it.
        for request in sorted(requests, key=lambda item: "content" not in item.raw):
            answer = self.env["hocba.registry.intake"]._take_file(request.raw)
            answers.setdefault(answer["MessageId"], answer)
        self._show(answers, self._judged(answers))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Transactions from a file"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _judged(self, answers):
        """The transactions of the file, judged as far as one click carries; the schedule judges the others."""
        found = self.env["hocba.registry.transaction"].search([("messageid", "in", list(answers))])
        for transaction in found.sudo().filtered(lambda line: line.state == "received")[:BATCH]:
            transaction._process_safely()
        return found

    def _show(self, answers, transactions):
        known = {transaction.messageid: transaction for transaction in transactions}
        files = self.env["hocba.registry.intake"]._answer_files(transactions)
        files += [
            (answer_name(messageid), json.dumps(answer, ensure_ascii=False, indent=1).encode())
            for messageid, answer in answers.items()
            if messageid not in known
        ]
        lines = [
            Command.create(
                {
                    "messageid": messageid,
                    "transaction_id": known[messageid].id if messageid in known else False,
                    "text": answer["ErrorDescription"],
                }
            )
            for messageid, answer in answers.items()
        ]
        self.write(
            {"file": False, "answers": base64.b64encode(pack(files)), "line_ids": [Command.clear(), *lines]},
        )
