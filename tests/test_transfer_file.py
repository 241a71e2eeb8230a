"""The hand-over file between schools and its receipt: complete, of one pupil, proof against a stranger's tricks."""

import io
import zipfile
from datetime import date, datetime
from hashlib import sha256

import pytest
import strategies
from hocba_core import packet, signing, transfer
from hocba_core.transfer import MANIFEST, HandedPupil, HandedRecord, School, TransferError
from hypothesis import given, settings
from hypothesis import strategies as st
from signing_helpers import AT, PROFILE
from signing_helpers import School as SigningSchool

NUMBER = "0b7a1c55-9df2-4a49-8f5c-3b1f6f0f7a10"
UUIDS = ("11111111-2146-4a82-95a5-8534051475f0", "22222222-2146-4a82-95a5-8534051475f0")
SOURCE, TARGET = School("48491401", "Trường Tiểu học Điện Biên Phủ"), School("79760301", "Trường Tiểu học Núi Thành")
MOMENT = datetime(2026, 8, 20, 9, 0, tzinfo=packet.VIETNAM_TIME)


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    return SigningSchool(tmp_path_factory.mktemp("pki"))


def year(uuid, name, **changes):
    return strategies.example(uuid=uuid, school_year=name, **changes)


@pytest.fixture(scope="module")
def years(school):
    rows = [year(UUIDS[0], "2024-2025", pupil_name="Trương Anh"), year(UUIDS[1], "2025-2026")]
    return dict(zip(UUIDS, school.sign([PROFILE.build_data(row) for row in rows]), strict=True))


def handover(packets, evidence=(), **changes):
    newest = strategies.example()
    values = {
        "number": NUMBER,
        "made_at": MOMENT,
        "left_on": date(2026, 8, 20),
        "source": SOURCE,
        "target": TARGET,
        "pupil": HandedPupil(newest.pupil_code, newest.pupil_name, newest.birth_date, newest.id_number),
        "records": tuple(
            HandedRecord(
                uuid,
                PROFILE.parse(content).data.school_year,
                sha256(content).hexdigest(),
                sha256(dict(evidence)[uuid]).hexdigest() if uuid in dict(evidence) else "",
            )
            for uuid, content in packets.items()
        ),
    }
    return transfer.Handover(**(values | changes))


@pytest.fixture(scope="module")
def manifest(school, years):
    return signing.sign_list(transfer.build_handover(handover(years, _EVIDENCE)), school.signers["seal"], at=AT)


_EVIDENCE = {UUIDS[0]: b"-----BEGIN PROOF-----"}


@pytest.fixture(scope="module")
def file(manifest, years):
    return transfer.pack(manifest, years, _EVIDENCE)


def entries(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(entry.filename, archive.read(entry)) for entry in archive.infolist()]


def zipped(rows):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in rows:
            archive.writestr(name, content)
    return buffer.getvalue()


def refused(content):
    with pytest.raises(TransferError) as found:
        transfer.unpack(content)
    return found.value.code


def test_what_was_packed_comes_out_byte_for_byte(school, file, manifest, years):
    found = transfer.unpack(file)
    assert found.manifest == manifest
    assert found.packets == years
    assert found.evidence == _EVIDENCE
    assert found.handover == handover(years, _EVIDENCE)
    assert [found.data[uuid].school_year for uuid in UUIDS] == ["2024-2025", "2025-2026"]
    assert found.digest == sha256(manifest).hexdigest()
    report = signing.verify_list(found.manifest, school.trust)
    assert report.result == signing.TOTAL_PASSED
    assert transfer.pack(manifest, years, _EVIDENCE) == file, "the same bytes each time"


def test_every_byte_of_the_manifest_is_signed(school, manifest):
    for old, new in (
        (b"2026-08-20</CHUYEN", b"2026-08-21</CHUYEN"),
        (TARGET.code.encode(), b"79760302"),
        (UUIDS[0].encode(), UUIDS[0].replace("1111", "3333").encode()),
    ):
        assert manifest.count(old) == 1
        assert signing.verify_list(manifest.replace(old, new), school.trust).result == signing.TOTAL_FAILED


def test_entries_must_be_those_that_are_named(file):
    rows = entries(file)
    packet_name = f"hoc-ba/{UUIDS[0]}.xml"
    assert refused(zipped(rows[:-1])) == "missing"
    assert refused(zipped([row for row in rows if row[0] != MANIFEST])) == "missing"
    for name in ("../x", "/etc/x", "hoc-ba/x.xml", "hoc-ba/", f"hoc-ba\\{UUIDS[0]}.xml", packet_name.upper()):
        assert refused(zipped([*rows, (name, b"x")])) == "entry"
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = zipped([*rows, rows[-1]])
    assert refused(twice) == "entry"
    assert refused(zipped([(name, b"x") for name in map(str, range(40))])) == "too_many"


def test_other_bytes_are_refused(file):
    for place, (name, content) in enumerate(entries(file)):
        if name == MANIFEST:
            continue
        rows = entries(file)
        rows[place] = (name, content + b" ")
        assert refused(zipped(rows)) == "digest"


def test_a_bomb_is_not_unpacked(file):
    rows = [(name, content) for name, content in entries(file) if not name.endswith(".pem")]
    bomb = zipped([*rows, (f"hoc-ba/{UUIDS[0]}.evidence.pem", b"0" * 50_000_000)])
    assert len(bomb) < 200_000
    assert refused(bomb) == "too_large"
    assert refused(zipped([(MANIFEST, b" " * 10_000_000)])) == "too_large"


def test_a_file_that_is_something_else_as_well(file):
    commented = io.BytesIO(file)
    with zipfile.ZipFile(commented, "a") as archive:
        archive.comment = b"x"
    for content in (b"MZ" + file, file + b"\0", zipped([("a", b"b")]) + file, file + file[-22:], commented.getvalue()):
        assert refused(content) == "not_zip"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_not_even_begun(file, method):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries(file):
            archive.writestr(name, content)
    assert refused(buffer.getvalue()) == "not_zip"


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + b"\0" * 18, b"<xml/>", b"\0" * 1000])
def test_what_is_no_hand_over(content):
    assert refused(content) in ("not_zip", "missing")


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_file_is_refused_or_says_the_same(file, data):
    place = data.draw(st.integers(0, len(file) - 1))
    damaged = bytearray(file)
    damaged[place] ^= data.draw(st.integers(1, 255))
    whole = transfer.unpack(file)
    try:
        found = transfer.unpack(bytes(damaged))
    except TransferError:
        return
    assert (found.manifest, found.packets, found.evidence) == (whole.manifest, whole.packets, whole.evidence)


def test_all_years_are_of_one_pupil(school, years):
    stranger = year(UUIDS[0], "2024-2025", id_number="048316009999", pupil_code="4899999999")
    (other,) = school.sign([PROFILE.build_data(stranger)])
    packets = {UUIDS[0]: other, UUIDS[1]: years[UUIDS[1]]}
    with pytest.raises(TransferError) as found:
        transfer.pack(transfer.build_handover(handover(packets)), packets, {})
    assert (found.value.code, found.value.detail) == ("pupil", UUIDS[0])
    wrong = handover(years, pupil=HandedPupil("4812345678", "Trương Phương Ánh", date(2016, 5, 17), "048316002681"))
    with pytest.raises(TransferError) as found:
        transfer.pack(transfer.build_handover(wrong), years, {})
    assert found.value.code == "pupil"


def test_a_pupil_without_a_number_is_known_by_pupil_code(school):
    rows = [
        year(UUIDS[0], "2024-2025", id_number=None),
        year(UUIDS[1], "2025-2026"),
    ]
    packets = dict(zip(UUIDS, school.sign([PROFILE.build_data(row) for row in rows]), strict=True))
    assert transfer.unpack(transfer.pack(transfer.build_handover(handover(packets)), packets, {})).packets == packets


def test_a_year_of_the_twin_is_found_without_a_number(school, years):
    twin = year(UUIDS[0], "2024-2025", id_number=None, pupil_code="4899999999")
    assert twin.birth_date == strategies.example().birth_date
    (other,) = school.sign([PROFILE.build_data(twin)])
    packets = {UUIDS[0]: other, UUIDS[1]: years[UUIDS[1]]}
    with pytest.raises(TransferError) as found:
        transfer.pack(transfer.build_handover(handover(packets)), packets, {})
    assert (found.value.code, found.value.detail) == ("pupil", UUIDS[0])


def test_a_corrected_birth_date_does_not_stop_a_pupil_without_a_number(school, years):
    before = year(UUIDS[0], "2024-2025", id_number=None, birth_date=date(2016, 5, 16))
    (other,) = school.sign([PROFILE.build_data(before)])
    packets = {UUIDS[0]: other, UUIDS[1]: years[UUIDS[1]]}
    assert transfer.unpack(transfer.pack(transfer.build_handover(handover(packets)), packets, {})).packets == packets


def test_a_year_stands_once(school, years):
    (again,) = school.sign([PROFILE.build_data(year(UUIDS[0], "2025-2026"))])
    packets = {UUIDS[0]: again, UUIDS[1]: years[UUIDS[1]]}
    with pytest.raises(TransferError) as found:
        transfer.pack(transfer.build_handover(handover(packets)), packets, {})
    assert found.value.code == "manifest"
    with pytest.raises(TransferError):
        transfer.pack(transfer.build_handover(handover({})), {}, {})


@pytest.mark.parametrize("old", [b"<MA_CHUYEN_GIAO>", b"+07:00", b"<TRUONG_DEN>", b"<HO_TEN>Tr", b"2016-05-17"])
def test_an_incomplete_manifest(years, old):
    content = transfer.build_handover(handover(years))
    assert old in content
    with pytest.raises(TransferError) as found:
        transfer.parse_handover(content.replace(old, b"", 1))
    assert found.value.code == "manifest"


# The receipt -----------------------------------------------------------------------------------


def receipt(years, **changes):
    digests = {uuid: sha256(content).hexdigest() for uuid, content in years.items()}
    values = {"number": NUMBER, "digest": "ab" * 32, "receiver": TARGET, "accepted": True, "at": MOMENT}
    return transfer.Receipt(**(values | {"digests": digests} | changes))


def test_receipt_says_what_was_taken_over(school, years):
    told = receipt(years)
    content = signing.sign_list(transfer.build_receipt(told), school.signers["seal"], at=AT)
    assert transfer.parse_receipt(content) == told
    assert signing.verify_list(content, school.trust).result == signing.TOTAL_PASSED
    assert told.differences(NUMBER, "ab" * 32, told.digests, TARGET.code) == []


def test_only_the_seal_of_the_school_named_moves_custody(school, years, tmp_path):
    plain = transfer.build_receipt(receipt(years))
    sealed = signing.sign_list(plain, school.signers["seal"], at=AT)
    stranger = SigningSchool(tmp_path).signers["seal"]

    def findings(content, name=SOURCE.name, trust=school.trust):
        return transfer.seal_findings(signing.verify_list(content, trust), name)

    assert findings(sealed) == findings(sealed, SOURCE.name.upper()) == []
    strict = signing.TrustStore(
        school.trust.roots, school.trust.intermediates, policy=signing.default_policy(strict=True)
    )
    assert signing.verify_list(sealed, strict).result == signing.INDETERMINATE
    assert findings(sealed, trust=strict) == []
    assert findings(plain) == findings(signing.sign_list(plain, stranger, at=AT)) == ["seal"]
    assert findings(signing.sign_list(plain, school.signers["seal"], at=AT).replace(b">NHAN<", b">TU_CHOI<")) == [
        "seal"
    ]
    assert findings(sealed, TARGET.name) == ["seal_name"]


def test_refusal_carries_its_reason_in_one_line():
    told = receipt({}, accepted=False, reason="Chữ ký năm học 2024-2025 không đạt;\n trường  kiểm tra lại <&>")
    found = transfer.parse_receipt(transfer.build_receipt(told))
    assert (found.accepted, found.reason) == (
        False,
        "Chữ ký năm học 2024-2025 không đạt; trường kiểm tra lại <&>",
    )
    assert found.differences(NUMBER, "ab" * 32, {"x": "y"}, TARGET.code) == []


def test_receipt_of_something_else(years):
    told = receipt(years)
    digests = dict(told.digests)
    assert told.differences("other", "ab" * 32, digests, TARGET.code) == ["number"]
    assert told.differences(NUMBER, "cd" * 32, digests, TARGET.code) == ["manifest"]
    assert told.differences(NUMBER, "ab" * 32, digests, SOURCE.code) == ["receiver"]
    for other in ({}, {UUIDS[0]: digests[UUIDS[0]]}, digests | {UUIDS[1]: "00"}, digests | {"33": "00"}):
        assert told.differences(NUMBER, "ab" * 32, other, TARGET.code) == ["record"]


@pytest.mark.parametrize("old", [b"NHAN</KET", b"<TRUONG_NHAN>", b"+07:00", b"<DIGEST>"])
def test_an_incomplete_receipt(years, old):
    content = transfer.build_receipt(receipt(years))
    with pytest.raises(TransferError) as found:
        transfer.parse_receipt(content.replace(old, b"", 1))
    assert found.value.code == "receipt"


def test_a_record_stands_once_in_a_receipt(years):
    content = transfer.build_receipt(receipt(years))
    start = content.index(b"<HOC_BA>")
    stop = content.index(b"</HOC_BA>") + len(b"</HOC_BA>")
    with pytest.raises(TransferError):
        transfer.parse_receipt(content[:stop] + content[start:stop] + content[stop:])
