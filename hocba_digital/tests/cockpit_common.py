"""A school whose records stand at every stage, without keys: what the cockpit counts are rows, not signatures."""

from .common import SchoolCase


class CockpitCase(SchoolCase):
    @classmethod
    def _signature(cls, record, role, user):
        return (
            cls.env["hocba.signature"]
            ._in_transition()
            .create(
                {
                    "record_id": record.id,
                    "role": role,
                    "user_id": user.id,
                    "signer_name": user.name,
                    "signed_at": "2026-06-01 08:00:00",
                    "data_hash": record.data_hash,
                }
            )
        )

    @classmethod
    def _issue(cls, records):
        """Signed by all, as far as rows go."""
        records._move("signed", "frozen")
        return records

    @classmethod
    def _send(cls, records, state, kind="1"):
        return cls.env["hocba.submission"].create(
            {
                "messageid": f"test-{records.ids}",
                "endpoint_id": cls.env["hocba.endpoint"].search([("company_id", "=", cls.company.id)]).id,
                "company_id": cls.company.id,
                "school_year_id": cls.year.id,
                "kind": kind,
                "state": state,
                "line_ids": [
                    (0, 0, {"record_id": record.id, "uuid": record.uuid, "packet_digest": "0"}) for record in records
                ],
            }
        )

    def rows(self, *domain):
        """{(class, stage, role, user): pupils} of the school."""
        self.env.flush_all()
        self.env["hocba.cockpit"].invalidate_model()
        found = self.env["hocba.cockpit"].search([("company_id", "=", self.company.id), *domain])
        return {(row.class_id.name, row.stage, row.role, row.user_id.login or False): row.pupils for row in found}
