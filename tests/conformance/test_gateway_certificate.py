"""Registration of certificates (annex 1 §II.2.4, §II.2.5, III.1)."""

from kit import keys
from kit.gateway import CERTIFICATE


def test_registered_certificate_is_approved_and_told(gateway, school):
    content, extra = school.registration()
    messageid, reply = gateway.deliver("3", content, **extra)
    assert reply.accepted, reply
    answer = gateway.await_verdict("4", messageid).answer
    assert set(CERTIFICATE) <= set(answer)
    assert int(answer["serial_number"], 16) == school.signers[keys.SEAL].certificate.serial_number
    assert str(answer["trang_thai_phe_duyet"]) == "1"


def test_registration_needs_the_certificate_s_own_key(gateway, school):
    content, extra = school.registration(signer=keys.STRANGER)
    messageid, reply = gateway.deliver("3", content, **extra)
    gateway.refused(gateway.await_verdict("4", messageid) if reply.accepted else reply, "24", "27")


def test_serial_number_of_another_certificate_is_refused(gateway, school):
    content, extra = school.registration(serial="abc123")
    messageid, reply = gateway.deliver("3", content, **extra)
    gateway.refused(gateway.await_verdict("4", messageid) if reply.accepted else reply, "27")


def test_registration_that_is_none_is_refused(gateway, school):
    messageid, reply = gateway.deliver("3", school.content(school.packets(school.data())))
    gateway.refused(gateway.await_verdict("4", messageid) if reply.accepted else reply, "27")
