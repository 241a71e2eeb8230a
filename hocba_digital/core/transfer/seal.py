"""Whether a hand-over file or a receipt is sealed by the school that it names, and results signed by their head."""

import unicodedata

from ..signing import SignatureReport

# Revocation data that cannot be had now do not speak against a seal; everything else that leaves it open does.
_TOLERATED = {"TRY_LATER"}


def seal_findings(report: SignatureReport, school_name: str) -> list[str]:
    """What forbids to believe the seal: ``seal`` (missing, changed, or of nobody trusted), ``seal_name`` (of another
    organisation than ``school_name``). Empty: it is this school's.

    ``report``: of ``signing.verify_list``. A missing seal and one of an unknown authority are merely undecided there
    (ETSI EN 319 102-1), which is not enough to move custody.
    """
    if not believed(report):
        return ["seal"]
    return [] if _plain(report.signer_name or "") == _plain(school_name) else ["seal_name"]


def believed(report: SignatureReport) -> bool:
    """Whether the signature holds, by a certificate that is trusted; missing revocation data are tolerated.

    Of the head's signature on results (``signing.verify_list`` with the head's citizen number) it is the whole answer.
    """
    return not any(item.sub_indication and item.sub_indication not in _TOLERATED for item in report.reasons)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
