"""The evidence file of a record: PEM blocks beside the packet's XML."""

from odoo import http
from odoo.http import request


class EvidenceController(http.Controller):
    """Whoever may read the record may have what proves it."""

    @http.route("/hocba/record/<int:record_id>/evidence", type="http", auth="user", methods=["GET"], readonly=True)
    def evidence(self, record_id):
        """``<uuid>.xml.evidence.pem``; 404 for a record that is not there, not readable, or has none."""
        record = request.env["hocba.record"].browse(record_id).exists()
        if not record or not record.has_access("read"):
            raise request.not_found()
        evidence = record._evidence()
        if evidence is None:
            raise request.not_found()
        headers = [
            ("Content-Type", "application/x-pem-file"),
            ("Content-Disposition", http.content_disposition(f"{record.uuid}.xml.evidence.pem")),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(evidence.to_pem(), headers)
