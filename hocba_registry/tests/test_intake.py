from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CODE, PASSWORD, RegistryCase


@tagged("post_install", "-at_install")
class TestIntake(RegistryCase):
    """What comes in is kept as it came and judged record by record."""

    def test_good_records_are_stored_byte_for_byte(self):
        records, packets = self.sealed_packets(self.class2)
        transaction, answer = self.report(packets)
        self.assertEqual(
            (transaction.state, transaction.accepted_count, transaction.refused_count), ("processed", 2, 0)
        )
        self.assertTrue(all(verdict.accepted for verdict in answer.verdicts))
        stored = self.env["hocba.registry.record"].search([("uuid", "in", records.mapped("uuid"))])
        self.assertEqual({record._packet_bytes() for record in stored}, set(packets))
        self.assertEqual(self.unit.accepted_count, 2)

    def test_school_takes_the_verdicts_and_the_closing(self):
        records, packets = self.sealed_packets(self.class2)
        self._endpoint(unit_code=CODE, user_name=CODE, password="secret of the account")
        submission = self.env["hocba.submission"].with_user(self.clerk)._queue(records.with_user(self.clerk), "246810")
        submission = submission.sudo()
        self.assertEqual(submission.record_count, 2)
        self.report(packets, submission.messageid)
        submission._settle_query(self.query(submission.messageid))
        self.assertEqual(submission.state, "accepted")
        self.assertEqual(set(records.mapped("state")), {"submitted"})
        self.env["hocba.registry.closing"].with_user(self.officer)._close(self.registry_year, self.unit.browse())
        submission._settle_query(self.query(submission.messageid))
        self.assertEqual(set(records.mapped("state")), {"locked"})
        self.assertTrue(all(records.mapped("effective_on")))

    def test_refused_record_shows_why_and_is_replaced(self):
        records, packets = self.sealed_packets(self.class2, 1)
        self.env["hocba.registry.closing"]._close(self.registry_year, self.unit.browse())
        submission = (
            self.env["hocba.submission"]
            .sudo()
            .create(
                {
                    "messageid": "m-1",
                    "endpoint_id": self.env["hocba.endpoint"]
                    .create(
                        {"company_id": self.company.id, "base_url": "http://x", "unit_code": CODE, "user_name": CODE}
                    )
                    .id,
                    "company_id": self.company.id,
                    "school_year_id": self.year.id,
                    "line_ids": [(0, 0, {"record_id": records.id, "uuid": records.uuid, "packet_digest": "x"})],
                }
            )
        )
        self.report(packets, "m-1")
        submission._settle_query(self.query("m-1"))
        self.assertEqual(submission.state, "refused")
        self.assertEqual(records.state, "signed")
        self.assertIn("chốt", records.refusal)
        records.with_user(self.clerk).action_replace("Sở đã chốt, lập lại cho đợt sau")
        self.assertEqual(records.state, "recalled")
        self.assertEqual(records.replaced_by_id.state, "draft")
        self.assertNotEqual(records.replaced_by_id.uuid, records.uuid)

    def test_unapproved_certificate_refuses_the_whole(self):
        _records, packets = self.sealed_packets(self.class2, 1)
        self.certificate.with_user(self.officer).action_revoke()
        transaction, answer = self.report(packets)
        self.assertEqual((transaction.state, answer.code), ("refused", "13"))

    def test_foreign_school_is_refused(self):
        _records, packets = self.sealed_packets(self.class2, 1)
        self.unit.sudo().code = "99999999"
        token = self.handle("token", {"user_name": CODE, "password": PASSWORD, "ma_don_vi": "99999999"})["token"]
        authentication = {
            "token": token,
            "user_name": CODE,
            "password": PASSWORD,
            "ma_don_vi": "99999999",
            "nam_hoc": 2025,
            "messageid": "foreign",
            "type": "1",
            "function": "F",
        }
        self.handle("report", {"authenticationRequest": authentication, "content": self.content(packets)})
        transaction = self.env["hocba.registry.transaction"].search([("messageid", "=", "foreign")])
        transaction._process_safely()
        self.assertEqual(transaction.line_ids.error_code, "33")

    def test_second_record_of_a_pupil_is_refused(self):
        records, packets = self.sealed_packets(self.class2, 1)
        self.report(packets)
        records.with_user(self.head).action_reopen("thử")
        records._in_transition().write({"state": "recalled"})
        self.class2.with_user(self.clerk).action_create_records()
        new = self.class2.record_ids - records
        self.sign_all(new)
        _transaction, answer = self.report([new._packet_bytes()])
        self.assertEqual(answer.verdicts[0].error, "36")

    def test_account_that_is_switched_off_is_out(self):
        authentication = self.authentication("x")
        self.unit.active = False
        self.assertEqual(self.handle("report", {"authenticationRequest": authentication, "content": ""})["Error"], "11")

    def test_failure_of_ours_is_tried_again_and_loses_nothing(self):
        _records, packets = self.sealed_packets(self.class2, 1)
        request = {"authenticationRequest": self.authentication("m-2"), "content": self.content(packets)}
        self.handle("report", request)
        transaction = self.env["hocba.registry.transaction"].search([("messageid", "=", "m-2")])
        self.env.cr.execute("ALTER TABLE hocba_registry_line ADD CONSTRAINT trip CHECK (false) NOT VALID")
        with self.assertLogs("odoo.addons.hocba_registry", "ERROR"), self.assertLogs("odoo.sql_db", "ERROR"):
            transaction._process_safely()
        self.assertEqual((transaction.state, transaction.failures), ("received", 1))
        self.env.cr.execute("ALTER TABLE hocba_registry_line DROP CONSTRAINT trip")
        transaction._process_safely()
        self.assertEqual(transaction.state, "processed")

    def test_queries_do_not_grow_with_the_batch(self):
        counts = {}
        for school_class, pupils in ((self.class2, 3), (self.class5, 23)):
            _records, packets = self.sealed_packets(school_class, pupils)
            request = {
                "authenticationRequest": self.authentication(school_class.name),
                "content": self.content(packets),
            }
            self.handle("report", request)
            transaction = self.env["hocba.registry.transaction"].search([("messageid", "=", school_class.name)])
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            transaction._process_safely()
            self.env.flush_all()
            counts[pupils] = self.env.cr.sql_log_count - before
            self.assertEqual(transaction.accepted_count, pupils)
        self.assertLess((counts[23] - counts[3]) / 20, 6, counts)

    def test_received_rows_are_read_only(self):
        _records, packets = self.sealed_packets(self.class2, 1)
        transaction, _answer = self.report(packets)
        record = self.env["hocba.registry.record"].search([("transaction_id", "=", transaction.id)])
        for row, values in (
            (record, {"pupil_name": "x"}),
            (transaction.with_user(self.officer), {"state": "received"}),
            (transaction.line_ids.with_user(self.officer), {"verdict": "0"}),
        ):
            with self.assertRaises(UserError):
                row.write(values)
            with self.assertRaises(UserError):
                row.unlink()
