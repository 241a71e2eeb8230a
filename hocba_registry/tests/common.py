"""A department and a school in one database: what the school sealed, handed to the intake as the wire would."""

import base64
import hashlib
import json
import uuid

from odoo.addons.hocba_digital.core.gateway import QueryAnswer, wire
from odoo.addons.hocba_digital.core.packet import VIETNAM_TIME
from odoo.addons.hocba_digital.core.rules import deadlines
from odoo.addons.hocba_digital.core.signing import Pkcs12Signer, sign_list
from odoo.addons.hocba_digital.tests.common import PIN, SchoolCase
from odoo.tests import new_test_user

PASSWORD = hashlib.sha256(b"secret of the account").hexdigest()
CODE = "48491401"


class RegistryCase(SchoolCase):
    """Adds the school's account, its approved certificate, the school year and an officer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._certify()
        cls.officer = cls._person("officer", "group_so_officer")
        cls.gateway_admin = cls._person("gatewayadmin", "group_so_admin")
        cls.unit = cls.env["hocba.registry.unit"].create(
            {"name": cls.company.name, "code": CODE, "login": CODE, "password": "secret of the account"}
        )
        cls.registry_year = cls.env["hocba.registry.year"].create({"name": "2025-2026"})
        cls.certificate = cls.env["hocba.registry.certificate"].create(
            {"unit_id": cls.unit.id, "file": base64.b64encode(cls.pki["seal"].pem())}
        )
        cls.certificate.with_user(cls.officer).action_approve()
        cls.signer = Pkcs12Signer.load(cls.pki["seal"].pkcs12(PIN), PIN)

    @classmethod
    def _person(cls, login, group):
        return new_test_user(cls.env, login=login, groups=f"hocba_registry.{group}")

    def handle(self, service, request):
        """Answer of the intake to a request, as decoded JSON."""
        return self.env["hocba.registry.intake"]._handle(service, json.dumps(request).encode())

    def authentication(self, messageid, kind="1", **changes):
        """``authenticationRequest`` with a fresh token."""
        token = self.handle("token", {"user_name": CODE, "password": PASSWORD, "ma_don_vi": CODE})["token"]
        request = {
            "token": token,
            "user_name": CODE,
            "password": PASSWORD,
            "ma_don_vi": CODE,
            "nam_hoc": 2025,
            "messageid": messageid,
            "type": kind,
            "function": "F",
        }
        return {**request, **changes}

    def content(self, packets):
        """``content`` of a transaction of these packets, signed with the school's seal."""
        moment = deadlines.now().astimezone(VIETNAM_TIME).replace(microsecond=0)
        return wire.encode_content(sign_list(self.profile.build_list(packets), self.signer, at=moment))

    def report(self, packets, messageid=None, **changes):
        """Send, judge, ask: (transaction, QueryAnswer)."""
        messageid = messageid or str(uuid.uuid4())
        request = {"authenticationRequest": self.authentication(messageid, **changes), "content": self.content(packets)}
        answer = self.handle("report", request)
        self.assertEqual(answer["Error"], "00", answer)
        transaction = self.env["hocba.registry.transaction"].search([("messageid", "=", messageid)])
        transaction._process_safely()
        return transaction, self.query(messageid)

    def query(self, messageid):
        """Answer to transaction 2."""
        request = {"authenticationRequest": self.authentication(messageid, kind="2")}
        return QueryAnswer.parse(self.handle("report_query", request))

    def sealed_packets(self, school_class, pupils=2):
        """(records, packets) of the class, signed by all three."""
        records = self.sign_all(self._records(school_class, pupils))
        return records, [record._packet_bytes() for record in records]
