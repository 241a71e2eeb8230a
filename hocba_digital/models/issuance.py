import hashlib
from dataclasses import dataclass

from odoo import api, fields, models

from ..core import lookup

PURPOSES = [
    ("school", "The school's own file"),
    ("pupil", "For the pupil or guardian"),
    ("transfer", "Change of school"),
    ("authority", "Request of an authority"),
    ("procedure", "Administrative procedure"),
    ("other", "Another purpose"),
]


@dataclass(frozen=True)
class IssuedCopy:
    """A copy that leaves: its ``lookup.CopyNumber``, the issued records in it, the SHA-256 of its bytes.

    ``pupil``: whose it is, where there may be no record in it. ``received``: ``hocba.transfer.line`` of the years in
    it that other schools issued. ``packet_digest``: of the packet in it, where that is not the record's present one.
    """

    number: lookup.CopyNumber
    records: models.BaseModel
    digest: str = ""
    pupil: models.BaseModel | None = None
    received: models.BaseModel | None = None
    packet_digest: str = ""


class Issuance(models.Model):
    """Register of copies (sổ cấp bản sao): every print, download, share and extract, who made it, for whom, what for.

    Rows only grow. A draft printed for proof is no copy. Sources: plan 213, annex §2.2, §2.3; QĐ 1789, Art. 22-27.
    """

    _name = "hocba.issuance"
    _description = "Issued Copy"
    _inherit = ["hocba.frozen.mixin"]
    _append_only = True
    _by_methods_only = True
    _log_access = False
    _order = "year desc, sequence desc, id desc"
    _rec_name = "number"
    _rec_names_search = ["number", "code"]

    number = fields.Char(
        required=True, readonly=True, index=True, help="Counted a school and year; printed on the copy."
    )
    year = fields.Integer(required=True, readonly=True, aggregator=None)
    sequence = fields.Integer(required=True, readonly=True, aggregator=None)
    code = fields.Char(
        "Check code", required=True, readonly=True, help="Printed on the copy; proves that it was issued."
    )
    at = fields.Datetime("Issued at", required=True, readonly=True, index=True)
    user_id = fields.Many2one(
        "res.users", "Copy made by", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, ondelete="restrict")
    kind = fields.Selection(
        [
            ("print", "Print of one year"),
            ("book", "Print of the whole book"),
            ("pdf", "Signed PDF"),
            ("xml", "Record file (XML)"),
            ("evidence", "Evidence file"),
            ("handover", "Hand-over file for another school"),
            ("share", "Shared by link"),
            ("procedure", "Taken by an administrative procedure"),
            ("export", "Everything held about the pupil"),
        ],
        "Form of the copy",
        required=True,
        readonly=True,
    )
    extract = fields.Boolean("Issued on request", readonly=True, help="Issued to a named person or office on request.")
    recipient = fields.Char("Issued to", required=True, readonly=True)
    purpose = fields.Selection(PURPOSES, required=True, readonly=True)
    note = fields.Char("Reason or reference", readonly=True)
    digest = fields.Char("SHA-256 of the file", readonly=True, index="btree_not_null")
    pupil_id = fields.Many2one("hocba.pupil", required=True, readonly=True, ondelete="restrict", index=True)
    line_ids = fields.One2many("hocba.issuance.line", "issuance_id", "Records in it", readonly=True)
    years = fields.Char("School years", compute="_compute_years")
    record_count = fields.Integer(compute="_compute_years")
    standing = fields.Selection(
        [("current", "Current"), ("outdated", "No longer current")], "Standing now", compute="_compute_standing"
    )

    _number_uniq = models.UniqueIndex("(company_id, year, sequence)", "This number of a copy was already given.")
    _code_uniq = models.UniqueIndex("(code)", "This check code was already given.")

    @api.depends("line_ids")
    def _compute_years(self):
        for copy in self:
            copy.record_count = len(copy.line_ids.record_id)
            copy.years = ", ".join(sorted(set(copy.line_ids.mapped("school_year_name"))))

    @api.depends("line_ids.standing")
    def _compute_standing(self):
        for copy in self:
            copy.standing = "current" if all(line._is_current() for line in copy.line_ids) else "outdated"

    @api.model
    def _enter(self, copies, kind, purpose="school", recipient=None, **values):
        """One row a copy (:class:`IssuedCopy`), with as many queries for a thousand as for one. Returns the rows.

        ``recipient``: whom it is for; None: the current user. ``values``: further fields, the same for all.
        """
        if not copies:
            return self.browse()
        common = {
            "at": fields.Datetime.now(),
            "user_id": self.env.uid,
            "kind": kind,
            "purpose": purpose,
            "recipient": recipient or self.env.user.name,
            **values,
        }
        model = self.sudo()._in_transition()
        rows = model.create([{**common, **_own_values(copy)} for copy in copies])
        lines = [
            {
                "issuance_id": row.id,
                name: source.id,
                "company_id": source.company_id.id,
                "packet_digest": copy.packet_digest or source.packet_digest,
            }
            for row, copy in zip(rows, copies, strict=True)
            for name, source in _sources(copy)
        ]
        self.env["hocba.issuance.line"].sudo()._in_transition().create(lines)
        return rows.with_env(self.env)

    @api.model
    def _one(self, records, content, kind, packet_digest="", **values):
        """Register one copy of ``records`` (of one pupil) that is these bytes."""
        (number,) = self._numbers(records.company_id, 1)
        digest = hashlib.sha256(content).hexdigest() if content else ""
        copy = IssuedCopy(number, records, digest, packet_digest=packet_digest)
        return self._enter([copy], kind, **values)

    def action_open_records(self):
        """The records that the copy holds."""
        return self.line_ids.record_id._open_list(self.env._("Records in copy %(number)s", number=self.number))


def _sources(copy):
    """(column of the line, row) of each year in a copy."""
    yield from (("record_id", record) for record in copy.records.sudo())
    yield from (("received_id", line) for line in copy.received or ())


def _own_values(copy):
    pupil = (copy.pupil or copy.records.pupil_id).sudo()
    return {
        "number": copy.number.number,
        "year": copy.number.year,
        "sequence": copy.number.sequence,
        "code": copy.number.code,
        "digest": copy.digest or False,
        "company_id": pupil.company_id.id,
        "pupil_id": pupil.id,
    }
