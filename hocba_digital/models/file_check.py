from cryptography import x509

from odoo import api, models
from odoo.exceptions import AccessError

from ..core import packet, signing

GROUP = "hocba_digital.group_file_check"
#: A transaction's list is the largest honest file (CV 2088 annex 1, part II §2.8: 10 MB compressed).
MAX_BYTES = 20_000_000
_MOST_RECORDS = 200
_CHANGED = {"HASH_FAILURE", "SIG_CRYPTO_FAILURE"}
_UNREAD = {"FORMAT_FAILURE", "NO_SIGNING_CERTIFICATE_FOUND", "CRYPTO_CONSTRAINTS_FAILURE"}


class FileCheck(models.AbstractModel):
    """What verifying a file says, in words for the screen. Nothing of the file is kept.

    QĐ 1789/QĐ-SGDĐT Art. 12 names what is to be said: who signed and who issued the certificate, when, its status and
    validity, whether the data were changed after signing, and whether the file has the prescribed structure.
    """

    _name = "hocba.file.check"
    _description = "Check of Digital Record Files"

    @api.model
    def _check_rights(self):
        if not self.env.user.has_group(GROUP):
            raise AccessError(self.env._("Only the clerk, the head, auditors and the department check files here."))

    @api.private
    def _check(self, content, name):
        """Report on ``content`` (bytes of a packet, a list or a PDF) as a dictionary of texts; see :meth:`_texts`."""
        self._check_rights()
        return self._report_on(content, name)

    @api.private
    def _report_on(self, content, name):
        """As :meth:`_check`, for callers who have decided who may ask."""
        report = signing.document_report(content, self.env["hocba.trust"]._store())
        return {"name": (name or "")[:200], "size": len(content), **self._texts(report)}

    def _texts(self, report):
        """{kind, result, title, structure, reasons, signatures, records, more_records} of a ``DocumentReport``."""
        labels = {
            "packet": self.env._("Digital record (XML)"),
            "list": self.env._("List of a transaction (XML)"),
            "pdf": self.env._("Record with digital signatures (PDF)"),
            "unknown": self.env._("Unknown file"),
        }
        broken = {"packet_format", "list_format", "pdf_format", "file_unknown", "file_too_large"}
        own = report.reasons if report.kind == "unknown" or not report.packets else self._own_reasons(report)
        return {
            "kind": labels[report.kind],
            "result": report.result,
            "title": self._title(report.result),
            "structure": not broken & {item.code for item in report.reasons},
            "reasons": self._reasons(own),
            "signatures": [self._signature(line, report.kind) for line in report.signatures],
            "records": [self._record(item) for item in report.packets[:_MOST_RECORDS]],
            "more_records": max(0, len(report.packets) - _MOST_RECORDS),
        }

    def _own_reasons(self, report):
        """Findings about the file as a whole: not those of one of its signatures or records."""
        said = {item for line in report.signatures for item in line.reasons}
        said |= {item for one in report.packets for item in one.reasons}
        return [item for item in report.reasons if item not in said]

    def _title(self, result):
        return {
            signing.TOTAL_PASSED: self.env._("Verified as valid"),
            signing.INDETERMINATE: self.env._("Cannot be decided"),
            signing.TOTAL_FAILED: self.env._("Not valid"),
        }[result]

    def _record(self, report):
        data = report.data
        said = {item for line in report.signatures for item in line.reasons}
        return {
            "result": report.result,
            "title": self._title(report.result),
            "name": data.pupil_name if data else self.env._("Content not shown, because it cannot be trusted"),
            "lines": self._content(data) if data else [],
            "reasons": self._reasons([item for item in report.reasons if item not in said]),
            "signatures": [self._signature(line, "packet") for line in report.signatures],
        }

    def _content(self, data):
        lines = [
            (self.env._("Look-up code (UUID)"), data.uuid),
            (self.env._("School"), data.school_name),
            (self.env._("School year"), data.school_year),
            (self.env._("Class"), data.class_name),
            (self.env._("Overall result"), packet.OVERALL_RESULTS.get(data.overall)),
        ]
        return [{"label": label, "text": text} for label, text in lines if text]

    def _signature(self, line, kind):
        return {
            "role": self._role(line, kind),
            "result": line.result,
            "title": self._title(line.result),
            "lines": self._signer(line),
            "integrity": self._integrity(line),
            "reasons": self._reasons(line.reasons),
        }

    def _signer(self, line):
        lines = [
            (self.env._("Signer"), line.signer_name),
            (self.env._("ID number or code"), line.signer_id),
            (self.env._("Signed at"), line.signed_at and f"{line.signed_at:%d/%m/%Y %H:%M:%S} +07:00"),
            (self.env._("Certificate issued by"), _issuer(line)),
            (self.env._("Certificate number"), line.serial),
            (self.env._("Signature policy"), line.policy),
            (self.env._("Certificate valid"), self._validity(line)),
        ]
        return [{"label": label, "text": text} for label, text in lines if text]

    def _validity(self, line):
        if not line.certificate_der:
            return None
        certificate = signing.holder_of_der(line.certificate_der).certificate
        start, end = (
            moment.astimezone(packet.VIETNAM_TIME)
            for moment in (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
        )
        return self.env._("from %(start)s until %(end)s", start=f"{start:%d/%m/%Y}", end=f"{end:%d/%m/%Y}")

    def _integrity(self, line):
        found = {item.sub_indication for item in line.reasons}
        if found & _CHANGED:
            return {"ok": False, "text": self.env._("Changed after signing")}
        if found & _UNREAD:
            return {"ok": None, "text": self.env._("Cannot be determined")}
        return {"ok": True, "text": self.env._("Not changed since signing")}

    def _role(self, line, kind):
        names = {
            "gvbm": self.env._("Subject teacher (%(subject)s)", subject=line.about or "?"),
            "gvcn": self.env._("Homeroom teacher"),
            "cbql": self.env._("Head"),
            "seal": self.env._("School's seal"),
            "transaction": self.env._("Organisation that sent the list"),
        }
        name = names.get(line.role, line.role)
        return self.env._("PDF file: %(signer)s", signer=name) if kind == "pdf" else name

    def _reasons(self, reasons):
        return [{"text": item.text_vi, "note": item.is_note} for item in dict.fromkeys(reasons)]


def _issuer(line):
    """The authority's name as people know it."""
    if not line.certificate_der:
        return None
    issuer = signing.holder_of_der(line.certificate_der).certificate.issuer
    names = issuer.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return names[0].value if names else line.issuer
