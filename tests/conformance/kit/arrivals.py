"""What a school's software sends, judged against the official text."""

import uuid

from hocba_core.gateway import GatewayError, decode_content, parse_recalls, parse_registration
from hocba_core.packet import PacketError, get_profile
from hocba_core.signing import TOTAL_PASSED, verify_list, verify_packet

_PROFILES = ("cv2088-1.0", "2025")
_SERVICES = {"1": "report", "3": "certificate", "5": "recall"}


class Arrivals:
    """Judges requests; ``findings`` gets what was seen. ``trust``: TrustStore of the signers' authorities."""

    def __init__(self, findings, contract, trust, unit):
        self.findings = findings
        self.contract = contract
        self.trust = trust
        self.unit = unit
        self._packets_of_uuid = {}

    def request(self, service, request):
        """Judge the JSON of any request."""
        errors = self.contract.check_request(service, request)
        self.findings.note("form", not errors, f"{service}: {errors[:3]}")

    def content(self, kind, request):
        """Judge what transaction 1, 3 or 5 carries; the packets of a report, the uuids of a recall, else nothing."""
        messageid = request["authenticationRequest"].get("messageid")
        try:
            xml = decode_content(request.get("content"))
        except GatewayError as error:
            self.findings.note("encoding", False, f"{messageid}: {error.message}")
            return []
        self.findings.note("encoding", True)
        found = self._opened(kind, xml, messageid)
        report = verify_list(xml, self.trust)
        self.findings.note("list_signature", report.result == TOTAL_PASSED, f"{messageid}: {_texts(report)}")
        if kind == "1":
            for packet in found:
                self._packet(packet, request["authenticationRequest"])
        return found

    def _opened(self, kind, xml, messageid):
        try:
            if kind == "1":
                found = get_profile(_PROFILES[0]).split_list(xml).packets
            else:
                found = parse_registration(xml) if kind == "3" else parse_recalls(xml)
        except PacketError as error:
            self.findings.note("list", False, f"{messageid}: {error}")
            return []
        self.findings.note("list", True)
        return found

    def _packet(self, packet, authentication):
        profile, data, problem = _parsed(packet)
        if not self.findings.note("record", data is not None, problem):
            return
        report = verify_packet(packet, self.trust, profile=profile)
        self.findings.note("signatures", report.result == TOTAL_PASSED, f"{data.uuid}: {_texts(report)}")
        start = authentication.get("nam_hoc")
        wrong = [
            text
            for text, holds in (
                (f"MA_TRUONG {data.school_code}", data.school_code == self.unit),
                (f"TEN_NAM_HOC {data.school_year}, nam_hoc {start}", data.school_year[:4] == str(start)),
                ("UUID v4", uuid.UUID(data.uuid).version == 4),
                ("UUID used for another record", self._packets_of_uuid.setdefault(data.uuid, packet) == packet),
            )
            if not holds
        ]
        self.findings.note("identity", not wrong, f"{data.uuid}: {', '.join(wrong)}")


def describe(packet):
    """(uuid, pupil's code, pupil's name, ID number) of a packet, for its verdict; empty where it cannot be read."""
    data = _parsed(packet)[1]
    return (data.uuid, data.pupil_code, data.pupil_name, data.id_number or "") if data else ("", "", "", "")


def _parsed(packet):
    problem = None
    for name in _PROFILES:
        profile = get_profile(name)
        try:
            return profile, profile.parse(packet).data, None
        except PacketError as error:
            problem = problem or f"{name}: {error}"
    return None, None, problem


def _texts(report):
    lines = (report, *getattr(report, "signatures", ()))
    return " ".join(reason.text_vi for line in lines for reason in line.reasons if not reason.is_note)
