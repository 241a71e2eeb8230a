from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..core.packet import find_forbidden
from ..core.rules.names import given_name
from .subject import GRADES

KINDS = [
    ("comment", "Subject"),
    ("quality_comment", "Qualities"),
    ("general_comment", "General competences"),
    ("specific_comment", "Specific competences"),
    ("homeroom_comment", "Homeroom teacher"),
]
LEVELS = [("T", "T (Good)"), ("H", "H, Đ (Completed, reached)"), ("C", "C (Needs effort)")]
#: Far more than a person looks through; the most used come first.
_MOST = 1000
_READ = ["text", "kind", "subject_id", "level", "grade", "use_count", "owner_id"]


class Phrase(models.Model):
    """A comment that a teacher uses again and again; "{ten}" stands for the pupil's given name."""

    _name = "hocba.phrase"
    _description = "Comment Phrase"
    _order = "kind, level, use_count desc, id"
    _rec_name = "text"

    text = fields.Text("Comment", required=True, help="{ten} becomes the pupil's given name.")
    kind = fields.Selection(KINDS, "For", required=True, default="comment")
    subject_id = fields.Many2one("hocba.subject", help="Empty: for any subject.", ondelete="cascade")
    level = fields.Selection(LEVELS, help="Empty: for any level.")
    grade = fields.Selection(GRADES, help="Empty: for any grade.")
    owner_id = fields.Many2one("res.users", default=lambda self: self.env.user, index=True, ondelete="cascade")
    shared = fields.Boolean("Shared with the school")
    company_id = fields.Many2one("res.company", "School", default=lambda self: self.env.company)
    use_count = fields.Integer("Used", readonly=True, default=0)
    active = fields.Boolean(default=True)
    is_mine = fields.Boolean("Mine", compute="_compute_is_mine")

    @api.depends_context("uid")
    @api.depends("owner_id")
    def _compute_is_mine(self):
        for phrase in self:
            phrase.is_mine = phrase.owner_id == self.env.user

    @api.constrains("text")
    def _check_text(self):
        for phrase in self:
            text = " ".join((phrase.text or "").split())
            if not text or find_forbidden(text):
                raise ValidationError(
                    self.env._("A phrase needs a text without characters that cannot be printed. Type it again.")
                )

    @api.model
    def bank(self):
        """The user's own phrases and the school's shared ones, the most used first."""
        rows = self.search([("active", "=", True)], order="use_count desc, id", limit=_MOST)
        return rows.read(_READ, load=None)

    @api.model
    def keep(self, text, kind, pupil_name="", subject_id=False, level=False):
        """Save a comment as a phrase of one's own; the pupil's given name becomes {ten}. Returns it as `bank` does."""
        given = given_name(pupil_name)
        words = " ".join(text.split()).split(" ")
        general = " ".join(_placeholder(word, given) for word in words)
        known = self.search([("owner_id", "=", self.env.uid), ("kind", "=", kind), ("text", "=", general)], limit=1)
        values = {"text": general, "kind": kind, "subject_id": subject_id, "level": level}
        return (known or self.create(values)).read(_READ, load=None)[0]

    def count_use(self):
        """Remember that these phrases were used; the most used come first."""
        self.check_access("read")
        if self:
            self.env.cr.execute(
                SQL("UPDATE hocba_phrase SET use_count = COALESCE(use_count, 0) + 1 WHERE id IN %s", tuple(self.ids))
            )
            self.invalidate_recordset(["use_count"])


def _placeholder(word, given):
    bare = word.strip('.,;:!?()"“”')
    return word.replace(bare, "{ten}") if given and bare == given else word
