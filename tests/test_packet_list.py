"""Lists of packets, profiles as plug-ins, schema files as shipped."""

from dataclasses import replace

import _path  # noqa: F401 - puts host/lib on the path
import pytest
import strategies
from hocba_core import packet
from hocba_core.packet import cv2088, profile, schema_writer, schemas
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from test_packet_hostile import signature

PROFILE = packet.get_profile("cv2088-1.0")
ONE = PROFILE.build_data(strategies.example())
TWO = PROFILE.build_data(strategies.example(uuid="123e4567-e89b-42d3-a456-556642440000", pupil_name="Y"))
LIST = PROFILE.build_list([ONE, TWO])


def code_of(data: bytes, limits=None) -> str:
    with pytest.raises(packet.PacketError) as caught:
        PROFILE.split_list(data, limits)
    return caught.value.code


@settings(max_examples=25)
@given(st.lists(strategies.records(), min_size=1, max_size=4))
def test_split_gives_back_the_bytes(records):
    packets = [PROFILE.build_data(data) for data in records]
    joined = PROFILE.build_list(packets)
    content = PROFILE.split_list(joined)
    assert content.packets == packets
    assert content.signature is None
    assert packet.canonical(content.root) == joined


def test_a_signed_list_gives_its_signature():
    signed = LIST.replace(b"</DANH_SACH_HOC_BA>", signature("tx", "#dataDanhSach").encode() + b"</DANH_SACH_HOC_BA>")
    content = PROFILE.split_list(signed)
    assert content.packets == [ONE, TWO]
    assert content.signature.get("Id") == "sig-tx"
    assert content.signature.getparent() is content.root


def test_entries_come_out_as_they_are_even_when_they_are_no_packets():
    bad = b"<HOC_BA>\n <A b='1'/></HOC_BA>"
    data = LIST.replace(ONE, bad)
    assert PROFILE.split_list(data).packets == [bad, TWO]
    assert PROFILE.split_list(b"<?xml version='1.0' encoding='utf-8'?>\n" + data).packets == [bad, TWO]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'<DANH_SACH_HOC_BA Id="dataDanhSach"></DANH_SACH_HOC_BA>', "list"),
        (LIST.replace(b'Id="dataDanhSach"', b""), "list"),
        (LIST.replace(b'Id="dataDanhSach"', b'Id="x"'), "list"),
        (LIST.replace(b'Id="dataDanhSach"', b'Id="dataDanhSach" x="1"'), "list"),
        (LIST.replace(b'Id="dataDanhSach"', b'Id="dataDanhSach" xmlns:x="urn:x"'), "list"),
        (LIST.replace(b'Id="dataDanhSach"', b'Id="dataDanhSach" xmlns="urn:x"'), "list"),
        (LIST.replace(b'Id="data"', b'Id="dataDanhSach"', 1), "duplicate_id"),
        (LIST.replace(b"<HOC_BA>", b"text<HOC_BA>", 1), "list"),
        (LIST.replace(b"</HOC_BA>", b"</HOC_BA>text", 1), "list"),
        (LIST.replace(b"<HOC_BA>", b"<HOC_BA a='1'>", 1), "list"),
        (LIST.replace(b"<HOC_BA>", b"<OTHER></OTHER><HOC_BA>", 1), "list"),
        (LIST.replace(b"<HOC_BA>", b"<HOC_BA><HOC_BA>", 1).replace(b"</HOC_BA>", b"</HOC_BA></HOC_BA>", 1), "list"),
        (LIST.replace(b"<HOC_BA>", b"<X><HOC_BA>", 1).replace(b"</HOC_BA>", b"</HOC_BA></X>", 1), "list"),
        (LIST.replace(b"<HOC_BA>", b"<HOC_BA/><HOC_BA>", 1), "list"),
        (LIST.replace(b"<HOC_BA>", b"<!-- --><HOC_BA>", 1), "comment"),
        (b"<!DOCTYPE a>" + LIST, "dtd"),
        (ONE, "list"),
        (LIST.replace(b"</DANH_SACH_HOC_BA>", b'<Signature xmlns="x"></Signature></DANH_SACH_HOC_BA>'), "list"),
        (
            LIST.replace(
                b"</DANH_SACH_HOC_BA>",
                b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"></Signature></DANH_SACH_HOC_BA>',
            ),
            "schema",
        ),
        (LIST.replace(b"<HOC_BA>", signature("tx", "#dataDanhSach").encode() + b"<HOC_BA>", 1), "list"),
    ],
)
def test_anything_but_a_list_is_refused(data, code):
    assert code_of(data) == code


def test_limits_of_a_list():
    assert code_of(LIST, packet.Limits(list_entries=1)) == "too_many_entries"
    assert code_of(LIST, packet.Limits(list_bytes=100)) == "too_large"
    assert code_of(LIST, packet.Limits(packet_elements=20, list_entries=5)) == "too_many_elements"


def test_a_list_larger_than_the_parser_likes_by_itself():
    data = PROFILE.build_list([ONE] * 1000)
    assert len(data) > 10_000_000
    assert len(PROFILE.split_list(data).packets) == 1000


@pytest.mark.parametrize(
    "entry", [b"", b"<HOC_BA>", b"<A></A>", ONE + b"\n", ONE + ONE, b"<?xml version='1.0'?>" + ONE]
)
def test_only_whole_packets_are_joined(entry):
    with pytest.raises(packet.PacketError) as caught:
        PROFILE.build_list([ONE, entry])
    assert caught.value.code == "list"


def test_an_empty_list_is_not_built():
    with pytest.raises(packet.PacketError):
        PROFILE.build_list([])


def test_batches_keep_order_and_limits():
    packets = [bytes([65 + index]) * 10 for index in range(7)]
    assert [len(group) for group in packet.batches(packets, entries=3)] == [3, 3, 1]
    assert [len(group) for group in packet.batches(packets, size=25)] == [2, 2, 2, 1]
    assert [len(group) for group in packet.batches(packets, size=1)] == [1] * 7
    assert [item for group in packet.batches(packets, entries=2) for item in group] == packets
    assert list(packet.batches([])) == []


def test_shipped_schemas_are_those_of_the_tables():
    for name in packet.profile_names():
        for file, content in schema_writer.files(packet.get_profile(name)).items():
            assert (schemas.FOLDER / file).read_text(encoding="utf-8") == content


def test_unknown_profiles_are_named():
    with pytest.raises(packet.PacketError) as caught:
        packet.get_profile("nope")
    assert caught.value.code == "unknown_profile"


def test_every_attribute_is_carried():
    assert profile.attributes_written(PROFILE) == set(packet.RecordData.__dataclass_fields__)


def test_roles_and_tags():
    assert PROFILE.roles == ("gvcn", "cbql", "seal")
    assert PROFILE.role_tag == {"gvcn": "GVCN", "cbql": "CBQL", "seal": "KY_PHAT_HANH"}


def test_a_second_profile_needs_tables_and_schema_files_only(tmp_path, monkeypatch):
    renamed = {"HO_VA_TEN": "TEN_HOC_SINH"}
    general = replace_tags(cv2088.GENERAL, renamed)
    other = cv2088.Cv2088(
        name="second-2.0",
        layout=packet.profile.Section("DU_LIEU", (cv2088.SUMMARY, general, cv2088.HISTORY)),
        signers=(*PROFILE.signers, packet.SignerTag("gvbm", "GVBM", has_id_number=True, required=False)),
        root_tag="HO_SO",
        signatures_tag="CHU_KY",
        list_tag="DANH_SACH",
    )
    for file in schemas.FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(schemas, "FOLDER", tmp_path)
    for file, content in schema_writer.files(other).items():
        (tmp_path / file).write_text(content, encoding="utf-8")
    monkeypatch.setattr(profile, "_profiles", dict(profile._profiles))
    packet.register(other)
    data = strategies.example()
    built = packet.get_profile("second-2.0").build_data(data)
    assert built.startswith(b'<HO_SO><DU_LIEU Id="data"><TONG_KET>')
    assert b"<TEN_HOC_SINH>" in built
    assert other.parse(built).data == data
    with pytest.raises(packet.PacketError):
        PROFILE.parse(built)
    assert other.split_list(other.build_list([built])).packets == [built]


def replace_tags(section, renamed):
    return packet.profile.Section(
        section.tag, tuple(replace(node, tag=renamed.get(node.tag, node.tag)) for node in section.nodes)
    )


def test_packets_are_canonical_for_the_reference_implementation():
    tree = etree.ElementTree(etree.fromstring(ONE))
    assert etree.tostring(tree, method="c14n", exclusive=True, with_comments=False) == ONE
