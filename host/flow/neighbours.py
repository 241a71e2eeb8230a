"""Other schools of the department, so that its screens show more than one: some report over the wire, one is silent.

They have no server of their own: their records are built, signed and sent with ``hocba_core`` alone.
"""

import base64
import hashlib
import random
import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

from generate.names import adult_name, pupil_name, surname
from hocba_core import packet
from hocba_core.gateway import Endpoint, GatewayClient, encode_content
from hocba_core.signing import Pkcs12Signer, sign_list, sign_packets
from pki import issue, new_key, organisation_name, person_name

_PASSWORD = "neighbour-account-2026"
_HOMEROOM, _HEAD = ("Lê Thị Mai", "048185004321"), ("Nguyễn Thị Hồng Vân", "048175001234")
#: (name, school code, commune, records expected, records reported)
SCHOOLS = (
    ("Trường Tiểu học Trần Cao Vân", "48491402", "Phường Thanh Khê", 24, 24),
    ("Trường Tiểu học Núi Thành", "48491403", "Phường Hòa Cường", 30, 18),
    ("Trường Tiểu học Hoàng Diệu", "48491404", "Phường Hải Châu", 26, 9),
    ("Trường Tiểu học Hòa Vang", "48491405", "Xã Hòa Vang", 20, 0),
)
_OUTCOMES = (("excellent", "Học sinh Xuất sắc"), ("good", "Học sinh Tiêu biểu"), ("good", None), ("completed", None))


def add_neighbours(department, school, pki):
    """Bodies, accounts, expected numbers and reports of the other schools; the first school gets its commune too."""
    admin = department.admin
    root = admin("hocba.registry.body", "create", [{"name": school.authority_name, "kind": "so"}])
    for name, code, commune, expected, reported in SCHOOLS:
        unit = {"name": name, "code": code, "login": code, "password": _PASSWORD, "expected_count": expected}
        values = {**unit, "commune": commune, "province": school.province}
        (unit_id,) = admin("hocba.registry.unit", "create", [[values]])
        seal = _issue(pki, organisation_name(name, f"{code:0>10}"))
        values = {"unit_id": unit_id, "file": base64.b64encode(seal.pem()).decode()}
        certificate = admin("hocba.registry.certificate", "create", [values])
        if reported:
            department.officer("hocba.registry.certificate", "action_approve", [[certificate]])
            packets = make_packets(school, (name, code, commune), seal, pki, reported)
            report_packets(department.url, school, (name, code, commune), seal, packets)
    own = admin("hocba.registry.unit", "search", [[("code", "=", school.school_code)]])
    (year,) = admin("hocba.registry.year", "search", [[("name", "=", school.school_year)]])
    count = sum(school_class.size for school_class in school.classes)
    expected = {"unit_id": own[0], "year_id": year, "count": count, "source": "school"}
    admin("hocba.registry.expectation", "create", [expected])
    units = admin("hocba.registry.unit", "search", [[]])
    admin("hocba.registry.unit", "action_assign_bodies", [units])
    bodies = admin("hocba.registry.body", "search", [[("kind", "=", "xa")]])
    admin("hocba.registry.body", "write", [bodies, {"parent_id": root}])
    department.wait_until_judged()


def _issue(pki, subject):
    return issue(pki.intermediate, subject, key=new_key("ec"))


def make_packets(school, place, seal, pki, count):
    """``count`` records of the school at ``place`` (name, code, commune), signed by all three."""
    profile = packet.get_profile("cv2088-1.0")
    at = datetime.now(packet.VIETNAM_TIME).replace(microsecond=0) - timedelta(minutes=1)
    signers = {
        "gvcn": (_issue(pki, person_name(*_HOMEROOM)), _HOMEROOM[1]),
        "cbql": (_issue(pki, person_name(*_HEAD, "Hiệu trưởng")), _HEAD[1]),
        "seal": (seal, None),
    }
    chance = random.Random(place[1])
    packets = [profile.build_data(_data(school, place, number, at, chance)) for number in range(1, count + 1)]
    for role, (issued, id_number) in signers.items():
        signer = Pkcs12Signer(issued.key, issued.certificate)
        packets = sign_packets(packets, role, signer, id_number=id_number, at=at, profile=profile)
    return packets


def report_packets(url, school, place, seal, packets, password=_PASSWORD):
    """Send these records as one transaction; its answer is not waited for."""
    profile = packet.get_profile("cv2088-1.0")
    at = datetime.now(packet.VIETNAM_TIME).replace(microsecond=0)
    content = encode_content(sign_list(profile.build_list(packets), Pkcs12Signer(seal.key, seal.certificate), at=at))
    digest = hashlib.sha256(password.encode()).hexdigest()
    account = Endpoint(base_url=url, user_name=place[1], password_sha256=digest, unit_code=place[1])
    with GatewayClient(account) as client:
        client.deliver("1", str(uuid.uuid4()), school.school_year, content, ())


def _data(school, place, number, at, chance):
    name, code, commune = place
    grade = chance.choice((1, 2))
    overall, award = chance.choice(_OUTCOMES)
    gender = chance.choice(("male", "female"))
    class_name = f"{grade}A"
    born = date(2026 - 6 - grade, 1, 1) + timedelta(days=chance.randrange(365))
    remark = "Em chăm ngoan, hoàn thành tốt các nội dung học tập."
    digit = {"male": 2, "female": 3}[gender]
    subjects = (("TV", "Tiếng Việt", 9), ("TOAN", "Toán", 8), ("DD", "Đạo đức", None))
    return packet.RecordData(
        uuid=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        school_year=school.school_year,
        authority_code=school.authority_code,
        authority_name=school.authority_name,
        school_code=code,
        school_name=name,
        commune=commune,
        province=school.province,
        register_number=f"2024/{number:04d}",
        pupil_name=pupil_name(chance, gender, surname(chance)),
        pupil_code=f"{code}{number:04d}",
        gender=gender,
        birth_date=born,
        id_number=f"048{digit}{born:%y}{int(code[-2:]):02d}{number:04d}",
        weight=Decimal("21.5"),
        height=Decimal("120"),
        absences_excused=chance.randrange(4),
        absences_unexcused=0,
        birth_place="Đà Nẵng",
        home_town=f"{commune}, {school.province}",
        address=f"{commune}, {school.province}",
        ethnicity="Kinh",
        nationality="Việt Nam",
        mother=adult_name(chance, "female"),
        head_name=_HEAD[0],
        head_id_number=_HEAD[1],
        head_title="Hiệu trưởng",
        issue_place="Đà Nẵng",
        created_at=at,
        issued_on=at.date(),
        homeroom_name=_HOMEROOM[0],
        homeroom_id_number=_HOMEROOM[1],
        grade=grade,
        class_name=class_name,
        history=(packet.HistoryLine(class_name=class_name, school_name=name, arrived_on=date(2025, 9, 5)),),
        overall=overall,
        award=award,
        promoted=True,
        class_completed=True,
        homeroom_comment=remark,
        subjects=tuple(
            packet.SubjectLine(code=subject, name=title, level="T", score=score) for subject, title, score in subjects
        ),
        competences=tuple((name, "T") for name in packet.COMPETENCES if name not in packet.UPPER_GRADE_COMPETENCES),
        qualities=tuple((name, "T") for name in packet.QUALITIES),
        quality_comment=remark,
        general_competence_comment=remark,
        specific_competence_comment=remark,
    )
