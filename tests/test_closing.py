"""The main job from import to locked, as bin/demo --check does it, looked at by others than ourselves."""

import gzip
import json
import os
import subprocess
from base64 import b64decode
from pathlib import Path

import pytest
from lxml import etree
from pypdf import PdfReader
from verifiers import ROLE_TAGS, signxml_accepts_role, xmlsec_accepts_role

REPO = Path(__file__).resolve().parents[1]
DS = "{http://www.w3.org/2000/09/xmldsig#}"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """(figures of the last line, folder of --out)."""
    folder = tmp_path_factory.mktemp("out")
    command = [REPO / "bin" / "demo", "--check", "--pupils", "40", "--out", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1200, env=os.environ)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return json.loads(done.stdout.strip().splitlines()[-1]), folder


def test_every_figure_follows_from_the_one_before(outcome):
    figures, folder = outcome
    assert figures["imported"] == 40
    assert figures["records"] == 40
    assert figures["blocked"] >= 1, "the pupil to be assessed again in summer is not issued"
    assert figures["submitted"] == figures["records"] - figures["blocked"]
    assert figures["accepted"] == figures["submitted"] == figures["locked"] == figures["pdf_records"]
    assert figures["signatures"] == figures["xmlsec1_verified"] == 3 * figures["locked"]
    assert len(list(folder.glob("*.xml"))) == len(list(folder.glob("*.pdf"))) == figures["locked"]


def test_signxml_accepts_every_signature(outcome):
    for path in outcome[1].glob("*.xml"):
        packet = path.read_bytes()
        root = etree.fromstring(packet)
        for role, tag in ROLE_TAGS.items():
            der = root.find(f"DANH_SACH_THONG_TIN_KY/{tag}/{DS}Signature//{DS}X509Certificate").text
            pem = f"-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n"
            assert signxml_accepts_role(packet, role, pem), (path.name, role)


def test_xmlsec1_refuses_a_changed_character(outcome):
    folder = outcome[1]
    packet = next(folder.glob("*.xml")).read_bytes()
    pems = {"root_pem": folder / "root.pem", "intermediates_pem": folder / "intermediates.pem"}
    start = packet.index(b"<NHAN_XET_GVCN>") + len(b"<NHAN_XET_GVCN>")
    changed = packet[:start] + (b"X" if packet[start : start + 1] != b"X" else b"Y") + packet[start + 1 :]
    for role in ROLE_TAGS:
        assert xmlsec_accepts_role(packet, role, **pems)
        assert not xmlsec_accepts_role(changed, role, **pems)


def test_transactions_carry_the_stored_packets(outcome):
    folder = outcome[1]
    sent = b""
    for path in folder.glob("*.json"):
        request = json.loads(path.read_text())
        assert request["authenticationRequest"]["messageid"] == path.stem
        packed = b64decode(request["content"])
        listing = gzip.decompress(packed[4:])
        assert int.from_bytes(packed[:4], "little") == len(listing)
        sent += listing
    for path in folder.glob("*.xml"):
        assert sent.count(path.read_bytes()) == 1


def test_forms_name_the_pupil_and_the_signers(outcome):
    for path in outcome[1].glob("*.xml"):
        data = etree.fromstring(path.read_bytes())
        text = "\n".join(page.extract_text() for page in PdfReader(path.with_suffix(".pdf")).pages)
        flat = " ".join(text.split())
        for tag in ("HO_VA_TEN", "TEN_GIAM_HIEU_KY_HOC_BA", "TEN_GIAO_VIEN_CHU_NHIEM", "MA_TRA_CUU_UUID"):
            assert " ".join(data.find(f".//{tag}").text.split()) in flat, (path.stem, tag)
