"""Verifiers that share no code with hocba_digital: xmlsec1 (C, libxml2, OpenSSL) and signxml (Python)."""

import subprocess
import tempfile
from pathlib import Path

from lxml import etree
from signxml import SignatureConfiguration, XMLVerifier
from signxml.exceptions import SignXMLException

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
ROLE_TAGS = {"gvcn": "GVCN", "cbql": "CBQL", "seal": "KY_PHAT_HANH"}


def xmlsec_accepts(document: bytes, *, xpath: str, signed_tag: str, root_pem: Path, intermediates_pem: Path) -> bool:
    """Whether xmlsec1 verifies the one Signature that ``xpath`` finds, its certificate chain included."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(document)
        file.flush()
        command = ["xmlsec1", "--verify", "--enabled-key-data", "x509", "--node-xpath", xpath]
        command += ["--id-attr:Id", signed_tag, "--id-attr:Id", f"{DS}:SignatureProperty"]
        command += ["--id-attr:Id", f"{XADES}:SignedProperties"]
        command += ["--trusted-pem", str(root_pem), "--untrusted-pem", str(intermediates_pem), file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode == 0 and "3/3" in done.stdout + done.stderr


def xmlsec_accepts_role(packet: bytes, role: str, *, root_pem: Path, intermediates_pem: Path) -> bool:
    """Whether xmlsec1 verifies a role's signature of a packet."""
    xpath = f"/HOC_BA/DANH_SACH_THONG_TIN_KY/{ROLE_TAGS[role]}/*[local-name()='Signature']"
    return xmlsec_accepts(
        packet, xpath=xpath, signed_tag="DU_LIEU_HOC_BA", root_pem=root_pem, intermediates_pem=intermediates_pem
    )


def signxml_signed(document: bytes, *, location: str, certificate_pem: str) -> list[bytes]:
    """Canonical bytes of what signxml found signed by the certificate in the Signature at ``location``, or []."""
    settings = SignatureConfiguration(location=location, expect_references=3, require_x509=True)
    try:
        found = XMLVerifier().verify(
            etree.fromstring(document), x509_cert=certificate_pem, id_attribute="Id", expect_config=settings
        )
    except SignXMLException:
        return []
    return [item.signed_data for item in found]


def signxml_accepts_role(packet: bytes, role: str, certificate_pem: str) -> bool:
    """Whether signxml verifies a role's signature of a packet, and it covers exactly the packet's data element."""
    location = f"./DANH_SACH_THONG_TIN_KY/{ROLE_TAGS[role]}/"
    signed = signxml_signed(packet, location=location, certificate_pem=certificate_pem)
    data = packet[len(b"<HOC_BA>") : packet.index(b"<DANH_SACH_THONG_TIN_KY>")]
    return len(signed) == 3 and data in signed
