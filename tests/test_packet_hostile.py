"""Bytes of a stranger: refused with a code, never half understood."""

import base64
import threading
import time

import _path  # noqa: F401 - puts host/lib on the path
import pytest
import strategies
from hocba_core import packet
from hypothesis import given, settings
from hypothesis import strategies as st

PROFILE = packet.get_profile("cv2088-1.0")
GOOD = PROFILE.build_data(strategies.example())
EMPTY_SIGNATURES = b"<DANH_SACH_THONG_TIN_KY></DANH_SACH_THONG_TIN_KY>"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"


def code_of(data: bytes, signed: bool = False) -> str:
    with pytest.raises(packet.PacketError) as caught:
        PROFILE.parse(data, signed=signed)
    return caught.value.code


def swap(old: str, new: str) -> bytes:
    assert GOOD.count(old.encode()) == 1
    return GOOD.replace(old.encode(), new.encode())


def test_the_good_packet_is_good():
    PROFILE.validate(GOOD)
    assert len(PROFILE.data_digest(GOOD)) == 64


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<!DOCTYPE HOC_BA [<!ENTITY a 'x'>]>" + GOOD, "dtd"),
        (b"<!DOCTYPE HOC_BA SYSTEM 'file:///etc/passwd'>" + GOOD, "dtd"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'http://127.0.0.1/'>]>" + GOOD, "dtd"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC>&a;"), "syntax"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC>Ki<!-- x -->nh"), "comment"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC>Ki<?x y?>nh"), "processing_instruction"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC><![CDATA[Kinh]]>"), "cdata"),
        (b"<!-- x -->" + GOOD, "comment"),
        (GOOD + b"<!-- x -->", "comment"),
        (b"<?xml-stylesheet href='a.xsl'?>" + GOOD, "declaration"),
        (b" <?xml version='1.0'?>" + GOOD, "processing_instruction"),
        (b"<?xml version='1.1'?>" + GOOD, "declaration"),
        (b"<?xml version='1.0' encoding='ISO-8859-1'?>" + GOOD, "declaration"),
        (b"\xef\xbb\xbf" + GOOD, "encoding"),
        (GOOD.decode().encode("utf-16"), "encoding"),
        (GOOD.decode().encode("utf-16-le"), "encoding"),
        (GOOD.decode().encode("utf-32"), "encoding"),
        (GOOD.replace("ễ".encode(), b"\xff"), "encoding"),
        (GOOD.replace(b"Kinh", b"\xed\xa0\x80"), "encoding"),
        (b"", "syntax"),
        (b"HOC_BA", "syntax"),
        (GOOD + GOOD, "syntax"),
        (GOOD[:-1], "syntax"),
        (GOOD + b"x", "syntax"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC>\x00"), "syntax"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC>&#0;"), "syntax"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC>&#10;Kinh"), "not_canonical"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC>&#75;inh"), "not_canonical"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC> Kinh"), "not_canonical"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC>\u202eKinh"), "character"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC >Kinh"), "not_canonical"),
        (GOOD + b"\n", "not_canonical"),
        (b"<?xml version='1.0' encoding='UTF-8'?>" + GOOD, "not_canonical"),
        (GOOD.replace(b"><", b">\n<"), "not_canonical"),
        (swap('<DU_LIEU_HOC_BA Id="data">', "<DU_LIEU_HOC_BA Id='data'>"), "not_canonical"),
        (swap('<DU_LIEU_HOC_BA Id="data">', '<DU_LIEU_HOC_BA Id="other">'), "schema"),
        (swap('<DU_LIEU_HOC_BA Id="data">', "<DU_LIEU_HOC_BA>"), "schema"),
        (swap('<DU_LIEU_HOC_BA Id="data">', '<DU_LIEU_HOC_BA Id="data" x="1">'), "schema"),
        (swap("<DAN_TOC>Kinh</DAN_TOC>", "<DAN_TOC></DAN_TOC>"), "schema"),
        (swap("<DAN_TOC>Kinh</DAN_TOC>", ""), "schema"),
        (swap("<DAN_TOC>Kinh</DAN_TOC>", "<DAN_TOC>Kinh</DAN_TOC><DAN_TOC>Kinh</DAN_TOC>"), "schema"),
        (swap("<DAN_TOC>Kinh</DAN_TOC>", "<DAN_TOC>Kinh</DAN_TOC><EXTRA>1</EXTRA>"), "schema"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC>Ki<b>n</b>h"), "schema"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC Id='x'>Kinh"), "schema"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC Id='data'>Kinh"), "duplicate_id"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC id='data'>Kinh"), "duplicate_id"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC xml:id='q'>Kinh"), "attribute"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC xml:lang='vi'>Kinh"), "attribute"),
        (swap("<TONG_KET>", "<TONG_KET>text"), "schema"),
        (swap("</THONG_TIN_CHUNG>", "text</THONG_TIN_CHUNG>"), "schema"),
        (GOOD.replace(b"<HOC_BA>", b'<HOC_BA xmlns="urn:x">', 1), "schema"),
        (swap("<TONG_KET>", '<TONG_KET xmlns:x="urn:x">'), "not_canonical"),
        (swap("<DAN_TOC>Kinh", '<DAN_TOC xmlns="urn:x">Kinh'), "schema"),
        (
            swap("<TONG_KET>", '<TONG_KET xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/>'),
            "schema",
        ),
        (
            GOOD.replace(
                b"<HOC_BA>",
                b'<HOC_BA xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
                b'i:noNamespaceSchemaLocation="/etc/passwd">',
            ),
            "attribute",
        ),
        (
            swap("<DAN_TOC>", '<DAN_TOC xmlns:i="http://www.w3.org/2001/XMLSchema&#45;instance" i:nil="true">'),
            "attribute",
        ),
        (b"<DANH_SACH_HOC_BA>" + GOOD + b"</DANH_SACH_HOC_BA>", "schema"),
        (b"<a>" * 400 + b"</a>" * 400, "syntax"),
        (b"<a>" * 100 + b"</a>" * 100, "too_deep"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC>" + "<b>" * 40 + "</b>" * 40), "too_deep"),
        (b"<a>" * 5_000 + b"</a>" * 5_000, "too_many_elements"),
        (b"<a>" + b"<b/>" * 5_000 + b"</a>", "too_many_elements"),
        (swap("<DAN_TOC>Kinh", "<DAN_TOC>" + "K" * 600_000), "too_large"),
        (
            swap("<NAM_HOC>2025</NAM_HOC></THONG_TIN_CHUNG>", "<NAM_HOC>2024</NAM_HOC></THONG_TIN_CHUNG>"),
            "not_canonical",
        ),
        (swap("<CAN_NANG>31.5", "<CAN_NANG>31.50"), "schema"),
        (swap("<CAN_NANG>31.5", "<CAN_NANG> 31.5"), "not_canonical"),
        (swap("<NGAY_SINH>17/05/2016", "<NGAY_SINH>31/02/2016"), "format"),
        (swap("<NGAY_SINH>17/05/2016", "<NGAY_SINH>2016-05-17"), "schema"),
        (swap("<NGAY_TAO_HOC_BA>2026-05-28", "<NGAY_TAO_HOC_BA>2026-02-30"), "format"),
        (swap("<MA_KHOI>04", "<MA_KHOI>06"), "schema"),
        (swap("<THONG_TU>27/2020/TT-BGDĐT", "<THONG_TU>22/2016/TT-BGDĐT"), "schema"),
        (swap("<SO_CCCD>048316002681", "<SO_CCCD>04831600268١"), "schema"),
        (GOOD.replace(b"<MA_MON_HOC>TOAN", b"<MA_MON_HOC>TV"), "duplicate"),
    ],
)
def test_hostile_or_wrong_bytes_are_refused(data, code):
    assert code_of(data) == code


def test_only_bytes_are_read():
    assert code_of(GOOD.decode()) == "type"


def test_order_of_tags_matters():
    mother, nation = "<HO_VA_TEN_ME>Hoàng Thị Cúc</HO_VA_TEN_ME>", "<QUOC_TICH>Việt Nam</QUOC_TICH>"
    text = GOOD.decode().replace(mother, "@").replace(nation, mother).replace("@", nation)
    assert code_of(text.encode()) == "schema"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("<MA_KHOI>04", "<MA_KHOI>06", "grade"),
        ("<HO_VA_TEN_ME>Hoàng Thị Cúc", "<HO_VA_TEN_ME>", "mother"),
        ("<NANG_LUC_TIN_HOC>T", "<NANG_LUC_TIN_HOC>D", "competences.informatics"),
        ("<MA_MON_HOC>KH<", "<MA_MON_HOC><", "subjects[4].code"),
    ],
)
def test_schema_errors_name_the_field(old, new, field):
    with pytest.raises(packet.PacketError) as caught:
        PROFILE.validate(swap(old, new))
    assert (caught.value.code, caught.value.field) == ("schema", field)


@settings(max_examples=300)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_changed_byte_changes_the_data_or_is_refused(position, value):
    changed = GOOD[:position] + bytes([value]) + GOOD[position + 1 :]
    try:
        read = PROFILE.parse(changed)
    except packet.PacketError:
        return
    assert PROFILE.build_data(read.data) == changed
    assert (read.data == strategies.example()) == (changed == GOOD)


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_packet_error(data):
    with pytest.raises(packet.PacketError):
        PROFILE.parse(data)
    with pytest.raises(packet.PacketError):
        PROFILE.split_list(data)


def test_refusal_is_quick():
    bombs = [b"<a " + b"b='1' " * 60_000 + b"/>", b"<" * 400_000, b"&" * 400_000, b"<a>" + b"]]>" * 100_000 + b"</a>"]
    start = time.perf_counter()
    for bomb in bombs:
        assert code_of(bomb) in ("syntax", "too_many_elements", "schema")
    assert time.perf_counter() - start < 10


def signature(name: str, uri: str = "#data", inner: str = "") -> str:
    text = base64.b64encode(b"x" * 256).decode()

    def reference(target):
        return (
            f'<Reference URI="{target}"><Transforms><Transform Algorithm="{EXC}"></Transform></Transforms>'
            '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod>'
            f"<DigestValue>{base64.b64encode(bytes(32)).decode()}</DigestValue></Reference>"
        )

    return (
        f'<Signature xmlns="{DSIG}" Id="sig-{name}"><SignedInfo><CanonicalizationMethod Algorithm="{EXC}">'
        '</CanonicalizationMethod><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256">'
        f"</SignatureMethod>{reference(uri)}{reference(f'#sig-{name}-prop')}{inner}</SignedInfo>"
        f"<SignatureValue>{text}</SignatureValue><KeyInfo><X509Data><X509SubjectName>CN=A</X509SubjectName>"
        f"<X509Certificate>{text}</X509Certificate></X509Data></KeyInfo><Object><SignatureProperties>"
        f'<SignatureProperty Id="sig-{name}-prop" Target="#sig-{name}">'
        '<SigningTime xmlns="http://example.org/#signatureProperties">2026-05-30T09:00:00+07:00</SigningTime>'
        "</SignatureProperty></SignatureProperties></Object></Signature>"
    )


def signer(tag: str, name: str, number: str = "<SO_CCCD>048175001234</SO_CCCD>", **options) -> str:
    return f"<{tag}><NGAY_KY>2026-05-30T09:00:00+07:00</NGAY_KY>{number}{signature(name, **options)}</{tag}>"


GVCN = signer("GVCN", "gvcn", "<SO_CCCD>048185004321</SO_CCCD>")
CBQL = signer("CBQL", "cbql")
SEAL = signer("KY_PHAT_HANH", "seal", "")


def with_signatures(*parts: str) -> bytes:
    inner = "".join(parts)
    text = f"<DANH_SACH_THONG_TIN_KY>{inner}</DANH_SACH_THONG_TIN_KY>"
    return GOOD.replace(EMPTY_SIGNATURES, text.encode())


@pytest.mark.parametrize("parts", [(GVCN, CBQL, SEAL), (CBQL, SEAL)])
def test_complete_packets_are_valid_signed_and_unsigned(parts):
    PROFILE.validate(with_signatures(*parts), signed=True)
    read = PROFILE.parse(with_signatures(*parts))
    assert [item.role for item in read.signers] == [{"GV": "gvcn", "CB": "cbql", "KY": "seal"}[p[1:3]] for p in parts]
    assert read.signers[-1].id_number is None
    assert read.signers[0].signed_on.isoformat() == "2026-05-30T09:00:00+07:00"
    assert PROFILE.data_digest(with_signatures(*parts)) == PROFILE.data_digest(GOOD)


@pytest.mark.parametrize("parts", [(), (GVCN,), (CBQL,), (GVCN, CBQL), (SEAL,)])
def test_packets_in_work_are_valid_only_as_such(parts):
    PROFILE.validate(with_signatures(*parts))
    assert code_of(with_signatures(*parts), signed=True) == "schema"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((CBQL, GVCN, SEAL), "schema"),
        ((CBQL, CBQL, SEAL), "duplicate_id"),
        ((signer("CBQL", "gvcn"), GVCN, SEAL), "duplicate_id"),
        ((CBQL.replace("#rsa-sha256", "#rsa-sha1"), SEAL), "schema"),
        ((CBQL.replace("#sha256", "#sha1"), SEAL), "schema"),
        ((signer("CBQL", "cbql", uri="http://127.0.0.1/a"), SEAL), "schema"),
        ((signer("CBQL", "cbql", uri=""), SEAL), "schema"),
        ((signer("CBQL", "cbql", uri="#xpointer(/)"), SEAL), "schema"),
        ((CBQL.replace(EXC, "http://www.w3.org/TR/1999/REC-xslt-19991116"), SEAL), "schema"),
        ((CBQL.replace(DSIG, "urn:x"), SEAL), "schema"),
        ((CBQL.replace("<KeyInfo>", "<KeyInfo><KeyName>x</KeyName>"), SEAL), "schema"),
        ((CBQL.replace("</Signature>", "<Object>x</Object></Signature>"), SEAL), "schema"),
        ((CBQL.replace("</Signature>", "<Object><a></a></Object></Signature>"), SEAL), "schema"),
        ((CBQL.replace("2026-05-30T09:00:00+07:00</S", "30/05/2026</S"), SEAL), "schema"),
        ((CBQL, SEAL.replace("</NGAY_KY>", "</NGAY_KY><SO_CCCD>048175001234</SO_CCCD>")), "schema"),
        ((CBQL, SEAL, "<OTHER></OTHER>"), "schema"),
        ((CBQL, SEAL, signature("more")), "schema"),
    ],
)
def test_other_signature_structures_are_refused(parts, code):
    assert code_of(with_signatures(*parts), signed=True) == code


def xades(inner: str = "", unsigned: str = "") -> str:
    """CBQL with the qualifying properties of a foreign producer (prefixes of its own)."""
    digest = (
        f'<d:DigestMethod xmlns:d="{DSIG}" Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></d:DigestMethod>'
        f'<d:DigestValue xmlns:d="{DSIG}">{"A" * 43}=</d:DigestValue>'
    )
    text = (
        '<x:QualifyingProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#" Target="#sig-cbql">'
        '<x:SignedProperties Id="sig-cbql-signed"><x:SignedSignatureProperties>'
        "<x:SigningTime>2026-05-30T09:00:00+07:00</x:SigningTime><x:SigningCertificateV2><x:Cert><x:CertDigest>"
        f"{digest}</x:CertDigest></x:Cert></x:SigningCertificateV2>{inner}</x:SignedSignatureProperties>"
        '<x:SignedDataObjectProperties><x:DataObjectFormat ObjectReference="#r"><x:MimeType>text/xml</x:MimeType>'
        f"</x:DataObjectFormat></x:SignedDataObjectProperties></x:SignedProperties>{unsigned}</x:QualifyingProperties>"
    )
    return CBQL.replace("</Signature>", f"<Object>{text}</Object></Signature>")


STAMP = '<x:SignatureTimeStamp Id="s"><x:EncapsulatedTimeStamp>AAAA</x:EncapsulatedTimeStamp></x:SignatureTimeStamp>'


def unsigned_properties(content: str) -> str:
    inner = f"<x:UnsignedSignatureProperties>{content}</x:UnsignedSignatureProperties>"
    return f"<x:UnsignedProperties>{inner}</x:UnsignedProperties>"


def test_signatures_may_carry_xades():
    PROFILE.validate(with_signatures(xades(), SEAL), signed=True)
    PROFILE.validate(with_signatures(xades(unsigned=unsigned_properties(STAMP)), SEAL), signed=True)


@pytest.mark.parametrize(
    "part",
    [
        xades(inner="<x:SignerRoleV2></x:SignerRoleV2>"),
        xades(unsigned=unsigned_properties("")),
        xades(unsigned=unsigned_properties(STAMP * 5)),
        xades(unsigned=unsigned_properties("<x:CounterSignature></x:CounterSignature>")),
        xades().replace("text/xml", "text/html"),
        xades().replace(' Id="sig-cbql-signed"', ""),
        xades().replace("<x:Cert>", "<x:Cert><x:Cert></x:Cert>"),
    ],
)
def test_other_properties_are_refused(part):
    assert code_of(with_signatures(part, SEAL), signed=True) in {"schema", "duplicate_id"}


def test_threads_do_not_mix_their_errors():
    wrong = {"grade": swap("<MA_KHOI>04", "<MA_KHOI>06"), "mother": swap("<HO_VA_TEN_ME>Hoàng", "<HO_VA_TEN_MÊ>Hoàng")}
    wrong["mother"] = swap("<HO_VA_TEN_ME>Hoàng Thị Cúc", "<HO_VA_TEN_ME>")
    mixed = []

    def work(field):
        for _round in range(100):
            try:
                PROFILE.validate(wrong[field])
            except packet.PacketError as error:
                if error.field != field:
                    mixed.append(error)

    threads = [threading.Thread(target=work, args=(field,)) for field in ("grade", "mother") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not mixed
