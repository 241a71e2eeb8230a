import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import ormcache

from ..core.gateway import default_paths

#: Bytes of a transaction that leave room below the 10 MB of annex 1 §2.8 for the request around the content.
MAX_BATCH_BYTES = 9 * 1024 * 1024
_OPEN = ("queued", "sending", "unknown", "received")


class Endpoint(models.Model):
    """Where and how the school reports: the Sở's gateway (Cổng tiếp nhận học bạ số).

    ``environment`` is part of what an endpoint is: with the first transaction it is fixed. A test gateway's answers are
    a trial (``hocba.submission.trial``): they change nothing in a record. For the real gateway an endpoint of its own
    takes the place of the trial one.
    """

    _name = "hocba.endpoint"
    _description = "Reporting Gateway"
    _inherit = ["mail.thread", "hocba.secret.mixin"]
    _order = "company_id, id"
    _secrets = {"password": "endpoint", "client_key": "endpoint client key"}

    name = fields.Char(required=True, default=lambda self: self.env._("Department's gateway"))
    company_id = fields.Many2one("res.company", "School", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)
    environment = fields.Selection(
        [("sandbox", "Test gateway"), ("production", "Real gateway")],
        "Kind of gateway",
        required=True,
        default="production",
        tracking=True,
        help="What a test gateway accepts never counts as reported: the records stay “Signed”, and every "
        "transaction is "
        "marked as a trial. Fixed with the first transaction.",
    )
    transport = fields.Selection(
        [("wire", "Over the network"), ("files", "By files")],
        "Way to the gateway",
        required=True,
        default="wire",
        tracking=True,
        help="By files, where no gateway can be reached: transactions are exported as they would go over the "
        "network, and "
        "the department's answers come back as files.",
    )
    base_url = fields.Char(
        "Address",
        tracking=True,
        help="As the department names it, without a path: for example https://gateway.example.edu.vn",
    )
    unit_code = fields.Char(
        "Unit code",
        required=True,
        tracking=True,
        help="ma_don_vi of the account: usually the school's code (MA_TRUONG).",
    )
    user_name = fields.Char("Account", tracking=True, help="user_name that the department gave to the school.")
    password = fields.Char(
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        help="Written only; it is never shown again. Kept as SHA-256, as the wire wants it, and sealed for this "
        "database.",
    )
    has_password = fields.Boolean(compute="_compute_has_secrets")
    sealed_password = fields.Text(groups=fields.NO_ACCESS, copy=False)
    escape_quote = fields.Selection(
        [("none", "None"), ("backslash", "Backslash before each quote")],
        "Escape of quotes",
        required=True,
        default="none",
        help="Annex 1 §2.2 asks for “escape quote” before compression without saying how; gateways differ. "
        "Holds for transactions made from now on: what is queued keeps its bytes.",
    )
    strict_comments = fields.Boolean(
        "Comments by subject in the homeroom teacher's",
        help="Annex 1 has no tag for a subject's comment, although the form prints one. Off: an additional NHAN_XET "
        "stands "
        "in each subject's line. On, for gateways that refuse unknown tags: the comments are written, by subject, "
        "into NHAN_XET_GVCN. Holds for records that are signed from now on.",
    )
    path_token = fields.Char("Path: token", required=True, default=lambda self: default_paths()["token"])
    path_report = fields.Char("Path: report", required=True, default=lambda self: default_paths()["report"])
    path_query = fields.Char("Path: query", required=True, default=lambda self: default_paths()["report_query"])
    path_certificate = fields.Char(
        "Path: certificate", required=True, default=lambda self: default_paths()["certificate"]
    )
    path_certificate_query = fields.Char(
        "Path: query of a certificate", required=True, default=lambda self: default_paths()["certificate_query"]
    )
    path_recall = fields.Char("Path: recall", required=True, default=lambda self: default_paths()["recall"])
    path_recall_query = fields.Char(
        "Path: query of a recall", required=True, default=lambda self: default_paths()["recall_query"]
    )
    timeout = fields.Integer(
        "Time-out (seconds)",
        required=True,
        default=60,
        help="How long one answer may take, 1 to 600. What comes later counts as unknown and is asked for first.",
    )
    batch_records = fields.Integer(
        "Records a transaction",
        required=True,
        default=500,
        help="At most so many records go in one transaction, 1 to 1,000.",
    )
    batch_megabytes = fields.Float(
        "Megabytes a transaction",
        required=True,
        default=9.0,
        digits=(4, 1),
        help="The list of records is split at this size, 0.1 to 9 MB. Annex 1 §2.8 allows 10 MB with everything "
        "around it.",
    )
    batch_bytes = fields.Integer(compute="_compute_batch_bytes")
    parallel = fields.Integer(
        "Calls at the same time",
        required=True,
        default=2,
        help="So many transactions are sent side by side, 1 to 8. 1 for gateways that take one call after the other.",
    )
    send_automatically = fields.Boolean(
        "Send on schedule", default=True, help="Off: transactions wait until the clerk presses “Send now”."
    )

    _one_active = models.UniqueIndex("(company_id) WHERE active", "The school already has an active gateway.")

    @api.depends("batch_megabytes")
    def _compute_batch_bytes(self):
        for endpoint in self:
            endpoint.batch_bytes = min(int(endpoint.batch_megabytes * 1024 * 1024), MAX_BATCH_BYTES)

    def _secret_bytes(self, name, value):
        if name == "password":
            return hashlib.sha256(value.encode()).hexdigest().encode()
        return super()._secret_bytes(name, value)

    def _secret_lost_text(self, name):
        if name == "client_key":
            return self.env._(
                "The client key of “%(name)s” cannot be opened here. A copied database cannot send; on the school's "
                "own "
                "server, upload the client certificate again.",
                name=self.name,
            )
        return self.env._(
            "The password of “%(name)s” cannot be opened here. A copied database cannot send; on the "
            "school's own server, enter the password again.",
            name=self.name,
        )

    @api.constrains("batch_records", "timeout", "batch_megabytes", "parallel")
    def _check_limits(self):
        for endpoint in self:
            if not 1 <= endpoint.batch_records <= 1000 or not 1 <= endpoint.timeout <= 600:
                raise UserError(
                    self.env._("A transaction carries 1 to 1,000 records, and the time-out is 1 to 600 seconds.")
                )
            if not 0.1 <= round(endpoint.batch_megabytes, 1) <= 9 or not 1 <= endpoint.parallel <= 8:
                raise ValidationError(
                    self.env._("A transaction carries 0.1 to 9 MB, and 1 to 8 calls go at the same time.")
                )

    @api.constrains("transport", "base_url", "user_name", "send_automatically")
    def _check_transport(self):
        for endpoint in self:
            if endpoint.transport == "wire" and not (endpoint.base_url and endpoint.user_name):
                raise ValidationError(self.env._("A gateway that is reached over the network has address and account."))
            if endpoint.transport == "files" and endpoint.send_automatically:
                raise ValidationError(self.env._("Where transactions go by files, nothing is sent on schedule."))

    @api.onchange("transport")
    def _onchange_transport(self):
        self.send_automatically = self.transport == "wire"

    @api.constrains("environment")
    def _check_environment(self):
        for endpoint in self:
            wrong = [("endpoint_id", "=", endpoint.id), ("trial", "=", endpoint.environment == "production")]
            if self.env["hocba.submission"].sudo().search_count(wrong, limit=1):
                raise ValidationError(
                    self.env._(
                        "Transactions were made with “%(name)s” already, so it stays what it is. Archive it and set up "
                        "another gateway: a trial must never be taken for a report, nor a report for a trial.",
                        name=endpoint.name,
                    )
                )

    def write(self, vals):
        if vals.get("active") is False:
            self._check_nothing_under_way()
            self._end_trials()
        if {"active", "strict_comments", "company_id"} & vals.keys():
            self.env.registry.clear_cache()
        return super().write(vals)

    def _check_nothing_under_way(self):
        """A real transaction under way needs its gateway until its outcome is known."""
        domain = [("endpoint_id", "in", self.ids), ("trial", "=", False), ("state", "in", _OPEN)]
        count = self.env["hocba.submission"].sudo().search_count(domain)
        if count:
            raise UserError(
                self.env._(
                    "%(count)s transactions are still under way with this gateway. Wait for their outcome before you "
                    "archive it; nothing may be sent twice.",
                    count=count,
                )
            )

    def _end_trials(self):
        """Trials that nobody will answer any more must not hold records up."""
        domain = [("endpoint_id", "in", self.ids), ("trial", "=", True), ("state", "in", _OPEN)]
        self.env["hocba.submission"].sudo().search(domain)._end_trial()

    def action_go_real(self):
        """Archive this test gateway and open a real one with the same settings, to be completed."""
        self.ensure_one()
        self.check_access("write")
        real = self.copy({"environment": "production", "name": self.env._("Real gateway"), "active": False})
        self.active = False
        real.active = True
        return real.get_formview_action()

    @api.model
    @api.private
    @ormcache("company_id")
    def _strict_for(self, company_id):
        """Whether records of this school are written without tags that annex 1 does not name."""
        return self.sudo().search([("company_id", "=", company_id)], limit=1).strict_comments

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    @api.model
    def _for_company(self, company):
        endpoint = self.sudo().search([("company_id", "=", company.id)], limit=1)
        if not endpoint:
            raise UserError(
                self.env._(
                    "%(school)s has no gateway yet. An administrator sets it up under Settings.", school=company.name
                )
            )
        return endpoint.sudo(False)
