"""A transaction opened from its bytes and from its tree: both say the same, whatever was done to it."""

import hashlib
import re

import pytest
import strategies
from hocba_core import packet, signing
from hocba_core.signing.shape import C14N
from hocba_core.signing.template import Template
from hocba_core.signing.xmldsig import ENVELOPED
from signing_helpers import AT, PROFILE, base64_of, replaced

END = b"</DANH_SACH_HOC_BA>"


@pytest.fixture(scope="module")
def packets(school):
    names = ("An", "Bình", "Chi")
    return school.sign([PROFILE.build_data(strategies.example(pupil_name=name)) for name in names])


@pytest.fixture(scope="module")
def document(school, packets):
    return signing.sign_list(PROFILE.build_list(packets), school.signers["seal"], at=AT)


def opened(school, document):
    return signing.open_list(document, school.trust, profile=PROFILE)


def forced(school, plain):
    """The bytes signed as they stand, whether they are XML or not."""
    signer = school.signers["seal"]
    template = Template(
        sig_id="sig-list",
        target="dataDanhSach",
        transforms=(ENVELOPED, C14N),
        holder=signing.holder_of(signer.certificate),
        at=AT,
    )
    digest = base64_of(hashlib.sha256(plain).digest()).decode()
    (value,) = signer.sign([template.signed_info(digest)])
    return plain.replace(END, template.signature(digest, value).encode() + END)


def told(found):
    return found.packets, found.report.result, {item.code for item in found.report.reasons if not item.is_note}


def from_tree(school, document):
    return (
        PROFILE.split_list(document).packets,
        *told(type("Report", (), {"packets": (), "report": signing.verify_list(document, school.trust)}))[1:],
    )


def test_packets_report_and_places(school, document, packets):
    found = opened(school, document)
    assert told(found) == from_tree(school, document) == (packets, "TOTAL_PASSED", set())
    assert [document[start : start + len(item)] for start, item in zip(found.starts, packets, strict=True)] == packets


def test_a_good_list_is_never_parsed_as_a_whole(school, document, monkeypatch):
    def refuse(*_arguments, **_options):
        raise AssertionError("parsed as a whole")

    monkeypatch.setattr("hocba_core.signing.transaction.verify_list", refuse)
    monkeypatch.setattr(type(PROFILE), "split_list", refuse)
    assert opened(school, document).report.result == "TOTAL_PASSED"


@pytest.mark.parametrize(
    "change",
    [
        lambda text, packets: text.replace(packets[1], b"", 1),
        lambda text, packets: text.replace(packets[0] + packets[1], packets[1] + packets[0], 1),
        lambda text, packets: text.replace(packets[1], packets[0], 1),
        lambda text, _packets: replaced(text, "Bình", "Bính"),
        lambda text, packets: text.replace(packets[1], b"\n" + packets[1], 1),
        lambda text, _packets: b'<?xml version="1.0" encoding="UTF-8"?>' + text,
        lambda text, _packets: text + b"\n",
        lambda text, _packets: replaced(text, 'Id="sig-gvcn"', 'Id="sig-list"'),
        lambda text, _packets: re.sub(b'<Signature [^>]*Id="sig-list".*?</Signature>', b"", text, flags=re.DOTALL),
        lambda text, _packets: replaced(text, '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#" Id="sig-list">',
                                        "<Signature Id='sig-list' xmlns=\"http://www.w3.org/2000/09/xmldsig#\">"),
    ],
)  # fmt: skip
def test_changed_lists_get_the_same_answer(school, document, packets, change):
    changed = change(document, packets)
    assert changed != document
    assert told(opened(school, changed)) == from_tree(school, changed)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(END, b"<X></X>" + END),
        lambda text: replaced(text, 'Id="data"', 'Id="dataDanhSach"'),
        lambda text: b"<!DOCTYPE x>" + text,
        lambda text: text.replace(b"<HOC_BA>", b"<HOC_BA><!-- -->", 1),
        lambda text: text.replace(b"<HOC_BA>", b'<HOC_BA a="b">', 1),
        lambda text: text.replace(b"<HOC_BA>", b"<HOC_BA><HOC_BA></HOC_BA>", 1),
        lambda text: text[:-1],
    ],
)
def test_what_is_no_list_is_refused(school, document, change):
    with pytest.raises(packet.PacketError):
        opened(school, change(document))


def test_more_entries_than_allowed(school):
    entries = PROFILE.limits.list_entries
    plain = b'<DANH_SACH_HOC_BA Id="dataDanhSach">' + b"<HOC_BA></HOC_BA>" * (entries + 1) + END
    with pytest.raises(packet.PacketError) as caught:
        opened(school, forced(school, plain))
    assert caught.value.code == "too_many_entries"


def test_a_packet_that_is_not_well_formed_fails_alone(school, packets):
    """The seal covers the bytes; what stands between the tags of one packet is that packet's matter."""
    broken = replaced(packets[1], "</HO_VA_TEN>", "</HO_VA_TE>")
    signed = forced(school, PROFILE.build_list([packets[0], broken, packets[2]]))
    with pytest.raises(packet.PacketError):
        PROFILE.split_list(signed)
    found = opened(school, signed)
    assert (found.packets, found.report.result) == ([packets[0], broken, packets[2]], "TOTAL_PASSED")
    verified = [school.verify(item).result for item in found.packets]
    assert verified == ["TOTAL_PASSED", "TOTAL_FAILED", "TOTAL_PASSED"]
