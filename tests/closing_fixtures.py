"""A set-up school and department on two real servers, for the system tests."""

import base64
import contextlib
import hashlib

import generate
from flow import Closing
from flow.session import PIN
from hocba_core.gateway import Endpoint
from hocba_core.signing import Pkcs12Signer
from ready_sites import ACCOUNT, running_both


@contextlib.contextmanager
def running_pair(host, name, pupils, **options):
    """(Closing, school's server, department's server), set up, with nothing imported yet."""
    with running_both(host, name, generate.school(pupils), **options) as ((site, server), (so, so_server)):
        yield Closing(site, so), server, so_server


def seal_all(closing):
    """Import, create and sign everything that is not blocked."""
    for school_class in closing.school.classes:
        closing.import_class(school_class)
    closing.create_records(list(closing.site.classes.values()))
    for school_class in closing.school.classes:
        closing.sign_as_homeroom(school_class)
    closing.sign_as_head()
    closing.seal()


def sealed_packets(closing):
    """Packets of everything that is sealed and not sent, in the order of their database ids."""
    ids = closing.head("hocba.record", "search", [[("state", "=", "signed")]], {"order": "id"})
    rows = closing.head("hocba.record", "read", [ids], {"fields": ["packet"]})
    return [base64.b64decode(row["packet"]) for row in rows]


def school_seal(closing):
    """The signer with the school's seal."""
    return Pkcs12Signer.load(closing.site.pki.files["seal"].read_bytes(), PIN)


def school_account(closing, url, **changes):
    """How the school reaches the gateway at ``url``."""
    values = {
        "base_url": url,
        "user_name": closing.school.school_code,
        "password_sha256": hashlib.sha256(ACCOUNT.encode()).hexdigest(),
        "unit_code": closing.school.school_code,
    }
    return Endpoint(**{**values, **changes})
