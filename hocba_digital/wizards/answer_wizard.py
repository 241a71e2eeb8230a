import base64

from odoo import Command, fields, models
from odoo.exceptions import UserError

from ..core.gateway.files import FileError, read_file


class AnswerWizard(models.TransientModel):
    """Answers of the department out of files: chosen, entered one by one, and what became of each."""

    _name = "hocba.answer.wizard"
    _description = "Answers from Files"

    file = fields.Binary(attachment=False, help="One .json file, or a .zip with several.")
    file_name = fields.Char()
    line_ids = fields.One2many("hocba.answer.wizard.line", "wizard_id", "Answers", readonly=True)

    def action_enter(self):
        """Enter what the file holds and show it line by line."""
        self.ensure_one()
        if not self.file:
            raise UserError(self.env._("Choose the file with the department's answer."))
        try:
            answers = read_file(self.file_name or "", base64.b64decode(self.file))
        except FileError as error:
            raise UserError(self._file_text(error)) from error
        entered = self.env["hocba.submission"]._enter_answers(answers)
        self.write(
            {
                "file": False,
                "line_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "messageid": line.messageid,
                                "submission_id": line.submission_id or False,
                                "result": line.result,
                                "text": line.text,
                            }
                        )
                        for line in entered
                    ),
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answers from a file"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _file_text(self, error):
        texts = {
            "size": self.env._("The file is too large: it is no answer of a department."),
            "zip": self.env._("The zip file is damaged."),
            "json": self.env._("“%(name)s” is not a JSON file with one answer.", name=error.name),
            "empty": self.env._("The zip file holds no .json file."),
        }
        return texts[error.code]

    def action_open_submissions(self):
        """The transactions that the file spoke of."""
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_submission")
        return {**action, "domain": [("id", "in", self.line_ids.submission_id.ids)], "context": {}, "target": "main"}
