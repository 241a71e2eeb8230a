"""Profile 2025: subject teachers sign their own results, each signature on its own element."""

import dataclasses
import re
import uuid
from datetime import timedelta

import pytest
import strategies
import verifiers
from hocba_core import packet, signing
from hocba_core.signing import quick
from hocba_core.signing.xmldsig import read_signature
from hypothesis import given, settings
from hypothesis import strategies as st
from signing_helpers import AT, GVCN_ID, IDS, replaced

PROFILE = packet.get_profile("2025")
UUID = strategies.example().uuid


def line(number):
    """Id of a line of results of the example."""
    return f"mon-{number}-{UUID}"


SIGNED_TAGS = {"gvbm": "DIEM_TONG_KET", "gvcn": "THONG_TIN_HOC_BA", "cbql": "DU_LIEU_HOC_BA", "seal": "DU_LIEU_HOC_BA"}


def sign(school, document, role, step, target=None, person="gvcn"):
    signer = school.signers[person if role == "gvbm" else role]
    number = GVCN_ID if role == "gvbm" else IDS[role]
    at = AT + timedelta(minutes=step)
    options = {"id_number": number, "at": at, "profile": PROFILE, "target": target}
    return signing.sign_packets([document], role, signer, **options)[0]


def verify(school, document):
    return signing.verify_packet(document, school.trust, profile=PROFILE, at=AT + timedelta(hours=1))


@pytest.fixture(scope="module")
def complete(school):
    data = strategies.example()
    document = PROFILE.build_data(data)
    targets = [PROFILE.subject_target(data, line.code) for line in data.subjects[:3]]
    for step, target in enumerate(targets):
        document = sign(school, document, "gvbm", step, target)
    for step, role in enumerate(("gvcn", "cbql", "seal"), start=10):
        document = sign(school, document, role, step)
    return document


@settings(max_examples=60)
@given(strategies.records())
def test_parse_gives_back_what_was_built(data):
    built = PROFILE.build_data(data)
    read = PROFILE.parse(built)
    assert read.data == packet.normalise(data)
    assert PROFILE.build_data(read.data) == built


def test_every_signature_holds_for_every_verifier(school, complete):
    PROFILE.validate(complete, signed=True)
    report = verify(school, complete)
    assert report.result == signing.TOTAL_PASSED, report.reasons
    assert [item.role for item in report.signatures] == ["gvbm", "gvbm", "gvbm", "gvcn", "cbql", "seal"]
    root = PROFILE.parse(complete, signed=True).root
    tree = root.getroottree()
    for signer, holder in PROFILE.signature_holders(root):
        accepted = verifiers.xmlsec_accepts(
            complete,
            xpath=tree.getpath(holder) + "/*[local-name()='Signature']",
            signed_tag=SIGNED_TAGS[signer.role],
            root_pem=school.root_pem,
            intermediates_pem=school.intermediates_pem,
        )
        assert accepted, signer.role


def test_a_changed_result_breaks_its_teacher_and_everyone_above(school, complete):
    mark = f'Id="{line(2)}"'.encode()
    before, after = complete.split(mark, 1)
    changed = before + mark + replaced(after, "<MUC_DAT_DUOC>T<", "<MUC_DAT_DUOC>H<")
    report = verify(school, changed)
    assert report.result == signing.TOTAL_FAILED
    intact = [item.sub_indication != "HASH_FAILURE" for item in report.signatures]
    assert intact == [True, False, True, False, False, False]


def test_a_teacher_cannot_sign_twice_or_late_or_elsewhere(school, complete):
    data = strategies.example()
    document = sign(school, PROFILE.build_data(data), "gvbm", 0, line(1))
    for target, code in ((line(1), "role_signed"), (line(99), "target"), ("data", "target")):
        with pytest.raises(signing.SigningError) as caught:
            sign(school, document, "gvbm", 1, target)
        assert caught.value.code == code
    with pytest.raises(signing.SigningError) as caught:
        sign(school, complete, "gvbm", 30, line(5))
    assert caught.value.code == "role_order"


def test_signatures_moved_between_subjects_are_refused(school):
    document = sign(school, PROFILE.build_data(strategies.example()), "gvbm", 0, line(1))
    for role, step in (("cbql", 5), ("seal", 6)):
        document = sign(school, document, role, step)
    moved = replaced(document, f'URI="#{line(1)}"', f'URI="#{line(2)}"')
    assert verify(school, moved).result == signing.TOTAL_FAILED


def test_a_signature_fits_no_other_record_with_the_same_line(school):
    data = strategies.example()
    other = dataclasses.replace(data, uuid=str(uuid.uuid4()), pupil_name="Nguyễn Văn Khác")
    signed = sign(school, PROFILE.build_data(data), "gvbm", 0, line(1))
    element = re.search(rb"<GVBM>.*</GVBM>", signed, re.DOTALL)[0]
    target = PROFILE.subject_target(other, other.subjects[0].code)
    for taken in (element, element.replace(line(1).encode(), target.encode())):
        document = PROFILE.with_parts(PROFILE.build_data(other), [taken])
        report = signing.verify_packet(document, school.trust, profile=PROFILE, required_roles=())
        assert report.result == signing.TOTAL_FAILED


def test_ids_of_lines_are_the_ones_of_their_places():
    built = PROFILE.build_data(strategies.example())
    swapped = replaced(built, 'Id="mon-1-', 'Id="mon-x-')
    swapped = replaced(replaced(swapped, 'Id="mon-2-', 'Id="mon-1-'), 'Id="mon-x-', 'Id="mon-2-')
    other = replaced(built, f'Id="{line(1)}"', f'Id="mon-1-{uuid.uuid4()}"')
    for document in (swapped, other, replaced(built, f'Id="{line(1)}"', 'Id="mon-1"')):
        with pytest.raises(packet.PacketError):
            PROFILE.parse(document)


@settings(max_examples=60)
@given(strategies.records())
def test_parts_are_the_bytes_that_stand_in_the_packet(data):
    built = PROFILE.build_data(data)
    parts = PROFILE.parts(data)
    assert [part.code for part in parts] == [line.code for line in packet.normalise(data).subjects]
    assert [part.content for part in parts] == [PROFILE.signed_bytes(built, part.target) for part in parts]


def test_a_part_is_signed_before_there_is_a_packet(school):
    data = strategies.example()
    open_line = dataclasses.replace(data.subjects[1], level=None)
    draft = dataclasses.replace(data, mother="", subjects=(data.subjects[0], open_line, *data.subjects[2:]))
    with pytest.raises(packet.PacketError):
        PROFILE.build_data(draft)
    first, third, *_rest = PROFILE.parts(draft)
    assert (first.target, third.target) == (line(1), line(3))
    options = {"id_number": GVCN_ID, "at": AT, "profile": PROFILE}
    signer = school.signers["gvcn"]
    prepared = signing.prepare_parts([first, third], signer.certificate, **options)
    element, other = prepared.finish(signer.sign(prepared.payloads))
    trust = school.trust
    assert signing.verify_part(element, first, trust, profile=PROFILE).result == signing.TOTAL_PASSED
    assert signing.verify_part(element, third, trust, profile=PROFILE).result == signing.TOTAL_FAILED
    changed = dataclasses.replace(first, content=first.content.replace(b">T<", b">H<"))
    assert signing.verify_part(element, changed, trust, profile=PROFILE).sub_indication == "HASH_FAILURE"
    for broken in (b"", b"<GVBM/>", element[:-7], element.replace(b"<NGAY_KY>2026", b"<NGAY_KY>2025"), b"<a>\xff</a>"):
        assert signing.verify_part(broken, first, trust, profile=PROFILE).result != signing.TOTAL_PASSED
    document = PROFILE.with_parts(PROFILE.build_data(data), [element, other])
    report = signing.verify_packet(document, trust, profile=PROFILE, required_roles=())
    assert report.result == signing.TOTAL_PASSED, report.reasons
    assert [(item.target, item.about) for item in report.signatures] == [
        (part.target, data.subjects[index].name) for index, part in ((0, first), (2, third))
    ]
    assert report.signature("gvbm", line(3)).about == data.subjects[2].name
    assert report.signature("gvbm", line(2)) is None


def test_teachers_sign_in_any_order_and_before_everyone_else(school):
    data = strategies.example()
    late = sign(school, sign(school, PROFILE.build_data(data), "gvbm", 20, line(1)), "gvbm", 10, line(2))
    with pytest.raises(signing.SigningError) as caught:
        sign(school, late, "gvcn", 15)
    assert caught.value.code == "time"
    document = sign(school, late, "gvcn", 30)
    report = signing.verify_packet(document, school.trust, profile=PROFILE, required_roles=())
    assert report.result == signing.TOTAL_PASSED, report.reasons
    early = school.sign_parts(data, ("TV",), at=AT)
    homeroom = sign(school, PROFILE.build_data(data), "gvcn", -5)
    start, end = b"<DANH_SACH_GVBM>", b"</DANH_SACH_GVBM>"
    teachers = early[early.index(start) : early.index(end)]
    backdated = homeroom.replace(start, teachers)
    report = signing.verify_packet(backdated, school.trust, profile=PROFILE, required_roles=())
    assert "order" in [item.code for item in report.reasons]


@settings(max_examples=200)
@given(at=st.integers(0, 10**6), new=st.binary(max_size=2), length=st.integers(0, 2))
def test_quick_reading_accepts_nothing_more(complete, at, new, length):
    """Whatever is done to the bytes of the signatures: where the quick reader answers, the thorough one agrees."""
    start = complete.index(b"<DANH_SACH_THONG_TIN_KY>")
    place = start + at % (len(complete) - start)
    assert_readers_agree(complete[:place] + new + complete[place + length :])


def test_quick_and_thorough_reading_agree(school, complete):
    for document in (complete, PROFILE.build_data(strategies.example())):
        assert assert_readers_agree(document)
    assert not assert_readers_agree(complete.replace(b"<DANH_SACH_GVBM>", b"<DANH_SACH_GVBM> "))
    teacher = re.search(rb"<GVBM>.*?</GVBM>", complete, re.DOTALL)[0]
    for changed in (
        complete.replace(teacher, teacher * 2, 1),
        complete.replace(teacher, teacher + teacher.replace(b"mon-1-", b"mon-9-"), 1),
        complete.replace(b"</GVBM></DANH_SACH_GVBM>", b"</GVBM><X></X></DANH_SACH_GVBM>"),
        complete.replace(b"<CBQL>", teacher + b"<CBQL>"),
        complete + b" ",
    ):
        assert changed != complete
        assert_readers_agree(changed)
        assert verify(school, changed).result != signing.TOTAL_PASSED


def assert_readers_agree(document):
    """Whether the quick reader answered; what it says must be what the thorough one says."""
    found = quick.quick_packet(document, PROFILE)
    try:
        PROFILE.parse(found.skeleton if found else b"")
    except packet.PacketError:
        return False
    parsed = PROFILE.parse(document)
    holders = PROFILE.signature_holders(parsed.root)
    assert [item[0] for item in found.signatures] == [tag for tag, _holder in holders]
    assert [item[1] for item in found.signatures] == list(parsed.signers)
    assert [item[2] for item in found.signatures] == [read_signature(holder[-1]) for _tag, holder in holders]
    return True


def test_formats_tell_themselves_apart():
    data = strategies.example()
    for name in packet.profile_names():
        assert packet.profile_of(packet.get_profile(name).build_data(data)).name == name
    assert packet.profile_of(b"<HOC_BA>") is None


def test_what_the_format_does_not_need():
    data = dataclasses.replace(strategies.example(), homeroom_name=None, homeroom_id_number=None)
    assert PROFILE.subject_target(data, data.subjects[-1].code) == line(len(data.subjects))
    assert PROFILE.subject_target(data, "none") is None
