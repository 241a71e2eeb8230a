"""How far a school is set up: the steps that an administrator sees and opens."""

from odoo import fields, models


class ResCompanySetup(models.Model):
    _inherit = "res.company"

    hocba_missing_text = fields.Char("School's data still missing", compute="_compute_hocba_setup")
    hocba_setup_school = fields.Boolean("School's data complete", compute="_compute_hocba_setup")
    hocba_setup_year = fields.Boolean("School year and classes", compute="_compute_hocba_setup")
    hocba_setup_staff = fields.Boolean("ID numbers of the signers", compute="_compute_hocba_setup")
    hocba_setup_trust = fields.Boolean("Trusted certification authorities", compute="_compute_hocba_setup")
    hocba_setup_seal = fields.Boolean("Seal uploaded and approved", compute="_compute_hocba_setup")
    hocba_setup_gateway = fields.Boolean("Gateway tested", compute="_compute_hocba_setup")
    hocba_expiring_count = fields.Integer("Certificates that expire soon", compute="_compute_hocba_setup")

    def _compute_hocba_setup(self):
        for company in self.sudo():
            mine = [("company_id", "=", company.id)]
            classes = self.env["hocba.class"].sudo().search(mine)
            signers = classes.homeroom_id | company.hocba_head_id
            certificates = self.env["hocba.certificate"].sudo().search(mine)
            seals = certificates.filtered(lambda line: line.kind == "organisation" and line.has_key and line.approved)
            missing = company._hocba_missing_settings()
            company.hocba_missing_text = ", ".join(missing)
            company.hocba_setup_school = not missing
            company.hocba_setup_year = bool(classes)
            company.hocba_setup_staff = bool(signers) and all(signers.mapped("hocba_id_number"))
            company.hocba_setup_trust = bool(self.env["hocba.trust"].sudo().search_count([("kind", "=", "root")]))
            company.hocba_setup_seal = any(line.validity in ("valid", "soon") for line in seals)
            reachable = [*mine, "|", ("test_ok", "=", True), ("transport", "=", "files")]
            company.hocba_setup_gateway = bool(self.env["hocba.endpoint"].sudo().search_count(reachable))
            company.hocba_expiring_count = len(certificates.filtered(lambda line: line.validity in ("soon", "expired")))

    def action_hocba_open(self):
        """The current school's settings."""
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_school")
        action["res_id"] = self.env.company.id
        return action
