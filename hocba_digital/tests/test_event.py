from odoo.tests import tagged

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestEvent(SchoolCase):
    """The audit trail says what happened and shows when somebody tampered with it."""

    def test_chain_holds_and_shows_tampering(self):
        self._certify()
        record = self.sign_all(self._records(self.class2, 1))
        events = self.env["hocba.event"]
        self.assertFalse(events._verify_chain(record))
        self.assertEqual(
            record.event_ids.sorted("id").mapped("kind"), ["created", "signed", "signed", "signed", "frozen"]
        )
        victim = record.event_ids.sorted("id")[1]
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE hocba_event DISABLE TRIGGER USER")
        self.env.cr.execute("UPDATE hocba_event SET detail = 'x' WHERE id = %s", [victim.id])
        self.env.cr.execute("ALTER TABLE hocba_event ENABLE TRIGGER USER")
        self.env.invalidate_all()
        self.assertEqual(events._verify_chain(record), victim)
