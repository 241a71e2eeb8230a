"""Two schools of a department that hand a pupil over, each with its own seal; what they send is made with the core."""

import hashlib
import json
import uuid
from datetime import date, timedelta

from odoo.addons.hocba_digital.core import transfer
from odoo.addons.hocba_digital.core.gateway import Endpoint, GatewayClient, encode_content
from odoo.addons.hocba_digital.core.packet import HistoryLine
from odoo.addons.hocba_digital.core.signing import sign_list
from odoo.tests import HttpCase

from .department import PASSWORD, SCHOOL, SCHOOL_CODE, DepartmentCase, Maker

NEW_SCHOOL, NEW_CODE = "Trường Tiểu học Núi Thành", "48491403"
THIRD_SCHOOL, THIRD_CODE = "Trường Tiểu học Hoàng Diệu", "48491404"
_PLACES = {SCHOOL_CODE: SCHOOL, NEW_CODE: NEW_SCHOOL, THIRD_CODE: THIRD_SCHOOL}


class TransferCase(DepartmentCase, HttpCase):
    """Adds two more schools, a locked record of pupil 1 at the first, and a client a school, over real HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.makers = {SCHOOL_CODE: cls.maker}
        cls.units = {SCHOOL_CODE: cls.unit}
        for code in (NEW_CODE, THIRD_CODE):
            cls.makers[code] = Maker(_PLACES[code], f"04{code}", cls.maker._authority())
            values = {"name": _PLACES[code], "code": code, "login": code, "password": PASSWORD}
            cls.units[code] = cls.env["hocba.registry.unit"].create(values)
            cls.approve(cls.units[code], cls.makers[code].certificate())

    def setUp(self):
        super().setUp()
        self.record = self.accept(1)
        self.record._lock(self.record.received_at)
        self.packet = self.record._packet_bytes()
        self.data = self.maker.data(1)
        sent = hashlib.sha256(PASSWORD.encode()).hexdigest()
        self.clients = {}
        for code in _PLACES:
            account = {"base_url": self.base_url(), "user_name": code, "unit_code": code}
            self.clients[code] = GatewayClient(Endpoint(**account, password_sha256=sent, timeout=30))
            self.addCleanup(self.clients[code].__exit__)

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        """Odoo's own looks at the time-out as one number; the client has two."""
        return super()._request_handler(s, r, **{**kw, "timeout": 30})

    # What the schools send -------------------------------------------------------------------------

    def seal(self, code, sheet):
        """``sheet`` with the seal of a school."""
        maker = self.makers[code]
        return sign_list(sheet, maker.signers["seal"], at=maker.at)

    def pupil(self, **changes):
        """Pupil 1 as the family's papers say."""
        data = self.data
        values = {
            "code": data.pupil_code,
            "name": data.pupil_name,
            "birth_date": data.birth_date,
            "id_number": data.id_number,
        }
        return transfer.HandedPupil(**{**values, **changes})

    def request_of(self, number, school=NEW_CODE, signer=None, at=None, **pupil):
        """A signed request of the school with the code ``school``."""
        request = transfer.TransferRequest(
            number=number,
            pupil=self.pupil(**pupil),
            target=transfer.School(school, _PLACES[school]),
            from_day=date(2026, 9, 5),
            reason="Gia đình chuyển nơi ở",
            at=at or self.maker.at,
        )
        return self.seal(signer or school, transfer.build_request(request))

    def file_of(self, number, packets=None, signer=SCHOOL_CODE, target=NEW_CODE, sheet=None, **changes):
        """The hand-over file of the old school; ``sheet``: school year and bytes of results so far."""
        packets = packets or {self.record.uuid: self.packet}
        values = {
            "number": number,
            "made_at": self.maker.at,
            "left_on": date(2026, 9, 5),
            "source": transfer.School(SCHOOL_CODE, SCHOOL),
            "target": transfer.School(target, _PLACES[target]),
            "pupil": self.pupil(),
            "records": tuple(
                transfer.HandedRecord(code, self.data.school_year, hashlib.sha256(content).hexdigest())
                for code, content in packets.items()
            ),
            "results": transfer.HandedResults(sheet[0], hashlib.sha256(sheet[1]).hexdigest()) if sheet else None,
        }
        manifest = self.seal(signer, transfer.build_handover(transfer.Handover(**{**values, **changes})))
        return transfer.pack(manifest, packets, {}, sheet)

    def file_within_the_year(self, number):
        """The hand-over file of a pupil who leaves in the middle of the school year after the packet's."""
        first = int(self.data.school_year[5:])
        year = f"{first}-{first + 1}"
        of_pupil = ("pupil_code", "pupil_name", "gender", "birth_date", "id_number")
        told = transfer.Results(
            made_at=self.maker.at,
            school=transfer.School(SCHOOL_CODE, SCHOOL),
            school_year=year,
            grade=self.data.grade + 1,
            class_name="5A",
            head_name="Nguyễn Thị Hồng Vân",
            head_id_number="048180000001",
            **{name: getattr(self.data, name) for name in of_pupil},
            history=(HistoryLine(school_year=year, class_name="5A", school_name=SCHOOL, arrived_on=date(first, 9, 5)),),
            periods=(transfer.PeriodResults(period="mid1", homeroom_comment="Em chăm ngoan."),),
        )
        return self.file_of(number, sheet=(year, self.seal(SCHOOL_CODE, transfer.build_results(told))))

    def receipt_of(self, file, code=NEW_CODE, signer=None, **changes):
        """The receipt of the school ``code`` for a file."""
        found = transfer.unpack(file)
        values = {
            "number": found.handover.number,
            "digest": found.digest,
            "receiver": transfer.School(code, _PLACES[code]),
            "accepted": True,
            "at": self.maker.at,
            "digests": {name: hashlib.sha256(packet).hexdigest() for name, packet in found.packets.items()},
        }
        return self.seal(signer or code, transfer.build_receipt(transfer.Receipt(**{**values, **changes})))

    def stop_of(self, number, code, request, **changes):
        """What ends a hand-over, by the school ``code``."""
        values = {
            "number": number,
            "digest": hashlib.sha256(request).hexdigest(),
            "school": transfer.School(code, _PLACES[code]),
            "reason": "Em ở lại trường cũ",
            "at": self.maker.at,
        }
        return transfer.build_stop(transfer.TransferStop(**{**values, **changes}))

    # Over the wire ---------------------------------------------------------------------------------

    def step(self, code, number, step, document):
        """Code of the answer to transaction 7."""
        self.env.flush_all()
        with self.allow_requests(all_requests=True):
            extra = (("thao_tac", step),)
            return self.clients[code].deliver("7", number, "", encode_content(document), extra).code

    def ask(self, code, number="-", **extra):
        """Answer to transaction 8."""
        self.env.flush_all()
        with self.allow_requests(all_requests=True):
            return self.clients[code].ask("8", number, "", tuple(extra.items()))

    def requested(self, code=NEW_CODE):
        """(number, request) of a request that was taken."""
        number = str(uuid.uuid4())
        request = self.request_of(number, code)
        self.assertEqual(self.step(code, number, "YEU_CAU", request), "00")
        return number, request

    def released(self):
        """(number, request, file) of a hand-over whose file is here."""
        number, request = self.requested()
        file = self.file_of(number)
        self.assertEqual(self.step(SCHOOL_CODE, number, "GIAO_TEP", file), "00")
        return number, request, file

    def transfer(self, number):
        """The row of a hand-over, read anew."""
        self.env.invalidate_all()
        return self.env["hocba.registry.transfer"].search([("number", "=", number)])

    def custodian(self):
        """Code of the school that has the record of pupil 1."""
        self.env.invalidate_all()
        return self.record.custodian_id.code

    def raw(self, code, **changes):
        """Answer to a request that is written by hand."""
        account = {"user_name": code, "password": hashlib.sha256(PASSWORD.encode()).hexdigest(), "ma_don_vi": code}
        headers = {"Content-Type": "application/json"}
        token = self.url_open("/api/hocba/token", data=json.dumps(account).encode(), headers=headers).json()["token"]
        authentication = {**account, "token": token, "messageid": "m", "type": "7", "function": "CHUYEN_TRUONG"}
        path = changes.pop("path", "/api/hocba/transfer")
        body = {"authenticationRequest": {**authentication, **changes.pop("authentication", {})}, **changes}
        return self.url_open(path, data=json.dumps(body).encode(), headers=headers).json()["Error"]


def later(moment):
    """A day after ``moment``."""
    return moment + timedelta(days=1)
