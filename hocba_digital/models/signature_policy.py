import base64
import hashlib
import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core import signing

_OID = re.compile(r"(?:urn:oid:)?([0-2](?:\.(?:0|[1-9][0-9]*))+)")
_HEX = re.compile(r"[0-9a-f]{64}")
_FIXED = {"identifier", "digest", "address", "document", "company_id"}


class SignaturePolicy(models.Model):
    """A signature policy that the signers of a school commit to (XAdES SignaturePolicyIdentifier, EN 319 132-1 §5.2.9).

    The row stays as it was entered, since signatures name it: another edition is another row.
    """

    _name = "hocba.signature.policy"
    _description = "Signature Policy"
    _inherit = ["mail.thread"]
    _order = "company_id, id desc"
    _rec_names_search = ["name", "identifier"]

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        "School",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    identifier = fields.Char(
        required=True, help="An object identifier such as 1.2.3.4 (written as urn:oid:1.2.3.4), a URN or an address."
    )
    document = fields.Binary(attachment=True, help="The policy's text; its SHA-256 is computed from it.")
    document_name = fields.Char("File name")
    digest = fields.Char(
        "SHA-256 of the document", required=True, help="64 hexadecimal digits, where the document is not at hand."
    )
    address = fields.Char("Where it can be read", help="Optional; written into the signatures (SPURI).")
    in_use = fields.Boolean("In use", default=True, tracking=True, help="New signatures name it.")
    active = fields.Boolean(default=True)

    _one_in_use = models.UniqueIndex(
        "(company_id) WHERE in_use AND active", "The school already has a signature policy in use. Take that off first."
    )
    _edition_uniq = models.Constraint(
        "UNIQUE(company_id, identifier, digest)", "This edition of the policy is known already."
    )

    @api.onchange("document")
    def _onchange_document(self):
        if self.document:
            self.digest = _digest_of(self.document)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            found = _OID.fullmatch((vals.get("identifier") or "").strip())
            vals["identifier"] = f"urn:oid:{found[1]}" if found else (vals.get("identifier") or "").strip()
            if vals.get("document"):
                vals["digest"] = _digest_of(vals["document"])
            vals["digest"] = (vals.get("digest") or "").strip().lower()
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if _FIXED & vals.keys():
            raise UserError(
                self.env._("Signatures name this edition of the policy. Enter another edition as a new one.")
            )
        self.env.registry.clear_cache()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A policy that signatures may name is kept; archive it."))

    @api.constrains("identifier", "digest", "address")
    def _check_content(self):
        for policy in self:
            if not re.fullmatch(r"(?:urn:|https?://)[\x21-\x7e]{1,400}", policy.identifier):
                raise ValidationError(
                    self.env._("The identifier is an object identifier (1.2.3.4), a URN (urn:...) or an address.")
                )
            if not _HEX.fullmatch(policy.digest):
                raise ValidationError(self.env._("The SHA-256 has 64 hexadecimal digits."))
            if policy.address and not re.fullmatch(r"https?://[\x21-\x7e]{1,400}", policy.address):
                raise ValidationError(self.env._("The address begins with http:// or https://"))

    @api.model
    @api.private
    def _of_company(self, company):
        """What new signatures of a school commit to; None where it has no policy."""
        policy = self.sudo().search([("company_id", "=", company.id), ("in_use", "=", True)], limit=1)
        return policy and signing.SignaturePolicy(
            policy.identifier, bytes.fromhex(policy.digest), policy.address or None
        )

    @api.model
    @api.private
    def _known(self):
        """(identifier, SHA-256) of every edition that this database has."""
        rows = self.sudo().with_context(active_test=False).search([("digest", "!=", False)])
        return tuple((row.identifier, bytes.fromhex(row.digest)) for row in rows)


def _digest_of(content):
    return hashlib.sha256(base64.b64decode(content)).hexdigest()
