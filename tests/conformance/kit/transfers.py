"""What two schools send for a pupil who changes from one to the other (transactions 7 and 8, an extension)."""

import hashlib
import uuid
from dataclasses import replace
from datetime import timedelta

from hocba_core import transfer
from hocba_core.gateway import TRANSFERS, decode_content, encode_content

REQUESTED, RELEASED, ACCEPTED, REFUSED, STOPPED = "12345"


def is_offered(reply):
    """Whether a gateway announces changes of school with its token."""
    offered = reply.answer.get("extensions")
    return isinstance(offered, list) and TRANSFERS in offered


class Party:
    """One school at the gateway: ``gateway`` speaks with its account, ``school`` (records.School) has its seal."""

    def __init__(self, gateway, school):
        self.gateway, self.school = gateway, school
        self.code = gateway.settings.unit
        self.place = transfer.School(self.code, school.name)

    def step(self, number, step, document, **changes):
        """Reply to transaction 7."""
        return self.gateway.deliver("7", encode_content(document), number, thao_tac=step, **changes)[1]

    def ask(self, number="-", **extra):
        """Reply to transaction 8."""
        return self.gateway.ask("8", number, **extra)

    def row(self, number):
        """The change as the gateway lists it to this school; None when it does not."""
        reply = self.ask()
        assert reply.accepted, reply
        return next((row for row in reply.answer["data"] if row["ma_chuyen_giao"] == number), None)

    def state(self, number):
        """Its state as the gateway lists it."""
        return str(self.row(number)["trang_thai"])

    def document(self, number, step):
        """The bytes that the gateway has of a step."""
        return decode_content(self.ask(number, tai_lieu=step).answer["content"])

    def request(self, data, signer=None, **wrong):
        """(number, sealed request) for the pupil of ``data``; ``wrong``: what is said of the pupil otherwise."""
        number, pupil = str(uuid.uuid4()), replace(_pupil(data), **wrong)
        # Now, and not shortly ago: what was asked before another change of the pupil ended is stale.
        now = self.school.at + timedelta(minutes=1)
        asked = transfer.TransferRequest(number, pupil, self.place, self._day, "Chuyển nơi ở", now)
        return number, self.school.signed(transfer.build_request(asked), signer)

    def file(self, number, data, packet, target, signer=None):
        """The sealed file with one year for ``target``, a Party."""
        record = transfer.HandedRecord(data.uuid, data.school_year, hashlib.sha256(packet).hexdigest())
        said = transfer.Handover(number, self.school.at, self._day, self.place, target.place, _pupil(data), (record,))
        return transfer.pack(self.school.signed(transfer.build_handover(said), signer), {data.uuid: packet}, {})

    def receipt(self, file, reason="", signer=None):
        """The sealed receipt for a file; a refusal where there is a ``reason``."""
        found = transfer.unpack(file)
        digests = {name: hashlib.sha256(packet).hexdigest() for name, packet in found.packets.items()}
        number, at = found.handover.number, self.school.at
        told = transfer.Receipt(number, found.digest, self.place, not reason, at, reason, {} if reason else digests)
        return self.school.signed(transfer.build_receipt(told), signer)

    def stop(self, number, request, reason="Em ở lại"):
        """What ends a change before it is accepted."""
        digest = hashlib.sha256(request).hexdigest()
        return transfer.build_stop(transfer.TransferStop(number, digest, self.place, reason, self.school.at))

    @property
    def _day(self):
        return self.school.at.date()


def _pupil(data):
    return transfer.HandedPupil(data.pupil_code, data.pupil_name, data.birth_date, data.id_number or "")
