"""Downloads of packets (XML) and evidence files. What a user may not read is not handed out; what is, is registered."""

from odoo import http
from odoo.http import request


class PacketController(http.Controller):
    """Whoever may read the record may have its packet, and what proves it."""

    @http.route("/hocba/record/<int:record_id>/packet", type="http", auth="user", methods=["GET"])
    def packet(self, record_id):
        """``<uuid>.xml``; 404 for a record that is not there, not readable, or has no packet."""
        record = self._readable("hocba.record", record_id)
        if not record.packet_digest:
            raise request.not_found()
        return self._file("application/xml", record.packet_file_name, record._issue_packet())

    @http.route("/hocba/version/<int:version_id>/packet", type="http", auth="user", methods=["GET"])
    def version(self, version_id):
        """The packet as it was before the record was reopened; 404 like above."""
        version = self._readable("hocba.record.version", version_id)
        return self._file("application/xml", version.packet_name, version._issue_packet())

    @http.route("/hocba/record/<int:record_id>/evidence", type="http", auth="user", methods=["GET"])
    def evidence(self, record_id):
        """``<uuid>.xml.evidence.pem``; 404 for a record that is not there, not readable, or has none."""
        record = self._readable("hocba.record", record_id)
        content = record._issue_evidence()
        if not content:
            raise request.not_found()
        return self._file("application/x-pem-file", f"{record.uuid}.xml.evidence.pem", content)

    def _readable(self, model, number):
        found = request.env[model].browse(number).exists()
        if not found or not found.has_access("read"):
            raise request.not_found()
        return found

    def _file(self, kind, name, content):
        headers = [
            ("Content-Type", kind),
            ("Content-Disposition", http.content_disposition(name)),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "private, no-store"),
        ]
        return request.make_response(content, headers)
