"""The other schools of a change of school: a second one with a server, and some that are only heard by the registry."""

import base64
import contextlib
import dataclasses
import hashlib
import uuid
from datetime import date, datetime, timedelta

import generate
from hocba_core import packet, transfer
from hocba_core.gateway import Endpoint, GatewayClient, encode_content
from hocba_core.signing import Pkcs12Signer, sign_list
from pki import issue, new_key, organisation_name
from ready_sites import ACCOUNT, running_school

PROFILE = packet.get_profile("cv2088-1.0")
SECOND_CODE, SECOND_NAME = "48491403", "Trường Tiểu học Núi Thành"


@contextlib.contextmanager
def second_school(host, name, first, gateway_url="http://127.0.0.1:9"):
    """(Site, server) of another school than the site ``first``; each trusts the other's authority."""
    school = dataclasses.replace(generate.school(2, seed=7), name=SECOND_NAME, school_code=SECOND_CODE)
    with running_school(host, name, school) as (site, server):
        site.connect(gateway_url, ACCOUNT)
        site.trust(first.pki)
        first.trust(site.pki)
        yield site, server


def enter_unit(department, name, code, seal):
    """The department knows the school, its account and its certificate (``pki.Issued``), which is approved."""
    values = {"name": name, "code": code, "login": code, "password": ACCOUNT}
    (unit,) = department.admin("hocba.registry.unit", "create", [[values]])
    file = base64.b64encode(seal.pem()).decode()
    row = department.admin("hocba.registry.certificate", "create", [{"unit_id": unit, "file": file}])
    department.officer("hocba.registry.certificate", "action_approve", [[row]])


def new_speaker(department, name, code, authority):
    """A ``Speaker`` whom the department knows; ``authority`` issues its seal."""
    seal = issue(authority, organisation_name(name, f"{code:0>10}"), key=new_key("ec"))
    enter_unit(department, name, code, seal)
    return Speaker(department.url, name, code, seal)


class Speaker:
    """One school as the registry hears it. ``issued``: its seal (``pki.Issued``)."""

    def __init__(self, url, name, code, issued):
        self.url, self.name, self.code = url, name, code
        self.school = transfer.School(code, name)
        self._signer = Pkcs12Signer(issued.key, issued.certificate)

    @staticmethod
    def now():
        return datetime.now(packet.VIETNAM_TIME).replace(microsecond=0)

    def seal(self, sheet):
        return sign_list(sheet, self._signer, at=self.now())

    def client(self):
        """A client of its own; one thread uses one."""
        digest = hashlib.sha256(ACCOUNT.encode()).hexdigest()
        return GatewayClient(
            Endpoint(self.url, user_name=self.code, password_sha256=digest, unit_code=self.code, timeout=60)
        )

    def step(self, number, step, document):
        """Code of the answer to transaction 7. Raises GatewayError."""
        with self.client() as client:
            return client.deliver("7", number, "", encode_content(document), (("thao_tac", step),)).code

    def ask(self, number="-", **extra):
        """Answer to transaction 8."""
        with self.client() as client:
            return client.ask("8", number, "", tuple(extra.items()))

    def row(self, number):
        """The hand-over as the registry lists it; None when it does not."""
        return next((row for row in self.ask().rows if row.number == number), None)

    def request(self, content, number=None, from_day=date(2026, 9, 1)):
        """(number, signed request) for the pupil of a packet."""
        number = number or str(uuid.uuid4())
        data = PROFILE.parse(content).data
        pupil = transfer.HandedPupil(data.pupil_code, data.pupil_name, data.birth_date, data.id_number or "")
        asked = transfer.TransferRequest(number, pupil, self.school, from_day, "Chuyển nơi ở", self.now())
        return number, self.seal(transfer.build_request(asked))

    def file(self, number, content, target):
        """The sealed hand-over file with one year."""
        data = PROFILE.parse(content).data
        pupil = transfer.HandedPupil(data.pupil_code, data.pupil_name, data.birth_date, data.id_number or "")
        record = transfer.HandedRecord(data.uuid, data.school_year, hashlib.sha256(content).hexdigest())
        said = transfer.Handover(number, self.now(), date(2026, 9, 1), self.school, target.school, pupil, (record,))
        return transfer.pack(self.seal(transfer.build_handover(said)), {data.uuid: content}, {})

    def receipt(self, file, reason=""):
        """The sealed receipt; a refusal with ``reason``."""
        found = transfer.unpack(file)
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in found.packets.items()}
        number, at = found.handover.number, self.now()
        told = transfer.Receipt(number, found.digest, self.school, not reason, at, reason, {} if reason else digests)
        return self.seal(transfer.build_receipt(told))

    def stop(self, number, request):
        """What ends a hand-over."""
        digest, at = hashlib.sha256(request).hexdigest(), self.now() + timedelta(seconds=1)
        return transfer.build_stop(transfer.TransferStop(number, digest, self.school, "Em ở lại", at))
