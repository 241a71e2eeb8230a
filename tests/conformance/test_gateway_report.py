"""Reports (annex 1 §II.2.2, §II.2.3): kept once, judged record by record."""

import base64
import hashlib
import uuid

from kit import keys
from kit.gateway import ANSWER, ROW


def accepted(reply, data):
    """The verdict on ``data``, accepted."""
    assert reply.accepted, reply
    row = reply.rows[data.uuid]
    assert str(row["trang_thai"]) == "1", row
    return row


def test_good_record_is_accepted(gateway, school):
    data = school.data()
    messageid, reply = gateway.deliver("1", school.content(school.packets(data)))
    assert reply.accepted, reply
    assert set(ANSWER) <= set(reply.answer)
    assert reply.answer["MessageId"] == messageid
    row = accepted(gateway.await_verdict("2", messageid), data)
    assert set(ROW) <= set(row)
    assert (row["ma_hoc_sinh"], row["ten_hoc_sinh"]) == (data.pupil_code, data.pupil_name)
    assert row["so_cccd"] == data.id_number


def test_sender_can_compare_digests(gateway, school):
    data = school.data()
    (packet,) = school.packets(data)
    content = school.content([packet])
    messageid, reply = gateway.deliver("1", content)
    row = gateway.await_verdict("2", messageid).rows[data.uuid]
    if gateway.settings.contract:
        assert reply.answer["ResponseCode"] == hashlib.sha256(content.encode()).hexdigest()
        assert row["digest"] == hashlib.sha256(packet).hexdigest()


def test_same_message_again_gets_the_same_answer(gateway, school):
    data = school.data()
    content = school.content(school.packets(data))
    messageid, first = gateway.deliver("1", content)
    _messageid, second = gateway.deliver("1", content, messageid)
    verdict = gateway.await_verdict("2", messageid)
    _messageid, third = gateway.deliver("1", content, messageid)
    assert first.answer == second.answer == third.answer
    again = gateway.await_verdict("2", messageid)
    assert again.answer == verdict.answer
    assert len(verdict.answer["data"]) == 1
    accepted(again, data)


def test_same_message_with_other_bytes_is_refused_and_the_first_stays(gateway, school):
    first, second = school.data(), school.data()
    messageid, _reply = gateway.deliver("1", school.content(school.packets(first)))
    _messageid, reply = gateway.deliver("1", school.content(school.packets(second)), messageid)
    gateway.refused(reply, "25")
    verdict = gateway.await_verdict("2", messageid)
    accepted(verdict, first)
    assert second.uuid not in verdict.rows


def test_messageid_of_one_transaction_is_not_taken_for_another(gateway, school):
    data = school.data()
    messageid, _reply = gateway.deliver("1", school.content(school.packets(data)))
    gateway.await_verdict("2", messageid)
    gateway.refused(gateway.ask("6", messageid), "04")


def test_same_record_in_another_message_is_not_stored_twice(gateway, school):
    data = school.data()
    packets = school.packets(data)
    accepted(gateway.report(school.content(packets)), data)
    accepted(gateway.report(school.content(packets)), data)


def test_one_bad_record_does_not_block_the_others(gateway, school):
    datas = [school.data() for _number in range(3)]
    packets = school.packets(*datas)
    packets[1] = packets[1].replace(b"<HO_VA_TEN>Tr", b"<HO_VA_TEN>Tn", 1)
    reply = gateway.report(school.content(packets))
    accepted(reply, datas[0])
    accepted(reply, datas[2])
    gateway.row_refused(reply.rows[datas[1].uuid], "31")


def test_swapped_signatures_are_refused(gateway, school):
    datas = [school.data(), school.data()]
    marker = b"<DANH_SACH_THONG_TIN_KY>"
    one, two = (packet.split(marker) for packet in school.packets(*datas))
    reply = gateway.report(school.content([one[0] + marker + two[1], two[0] + marker + one[1]]))
    for data in datas:
        gateway.row_refused(reply.rows[data.uuid], "31")


def test_record_of_another_school_is_refused(gateway, school):
    data = school.data(school_code="00000000")
    gateway.row_refused(gateway.report(school.content(school.packets(data))).rows[data.uuid], "33")


def test_record_of_another_year_is_refused(gateway, school):
    start = int(gateway.settings.year[:4]) + 1
    data = school.data(school_year=f"{start}-{start + 1}")
    gateway.row_refused(gateway.report(school.content(school.packets(data))).rows[data.uuid], "34")


def test_record_sealed_with_a_certificate_that_is_not_approved_is_refused(gateway, school):
    data = school.data()
    reply = gateway.report(school.content(school.packets(data, seal=keys.STRANGER)))
    gateway.row_refused(reply.rows[data.uuid], "31", "32")


def test_look_up_code_of_another_record_is_refused(gateway, school):
    first = school.data()
    accepted(gateway.report(school.content(school.packets(first))), first)
    second = school.data(uuid=first.uuid)
    gateway.row_refused(gateway.report(school.content(school.packets(second))).rows[first.uuid], "35")


def test_second_record_of_a_pupil_in_a_year_is_refused(gateway, school):
    first = school.data()
    accepted(gateway.report(school.content(school.packets(first))), first)
    second = school.data(pupil_code=first.pupil_code, id_number=first.id_number, pupil_name=first.pupil_name)
    gateway.row_refused(gateway.report(school.content(school.packets(second))).rows[second.uuid], "36")


def test_transaction_signed_by_somebody_else_is_refused(gateway, school):
    content = school.content(school.packets(school.data()), signer=keys.STRANGER)
    gateway.refused(gateway.report(content), "24")


def test_list_that_was_changed_after_signing_is_refused(gateway, school):
    packets = school.packets(school.data(), school.data())
    xml = school.list_of(packets).replace(packets[0], b"", 1)
    gateway.refused(gateway.report(school.encode(xml)), "24")


def test_list_without_signature_is_refused(gateway, school):
    from kit.records import PROFILE

    xml = PROFILE.build_list(school.packets(school.data()))
    gateway.refused(gateway.report(school.encode(xml)), "23", "24")


def test_year_that_does_not_exist_is_refused(gateway, school):
    content = school.content(school.packets(school.data()))
    gateway.refused(gateway.report(content, nam_hoc=2150), "26")


def test_type_that_is_not_the_service_s_is_refused(gateway, school):
    content = school.content(school.packets(school.data()))
    _messageid, reply = gateway.deliver("1", content, type="5")
    gateway.refused(reply, "20")


def test_escaped_quotes_are_understood_as_the_gateway_says(gateway, school):
    data = school.data()
    content = school.content(school.packets(data))
    assert base64.b64decode(content, validate=True)
    accepted(gateway.report(content, str(uuid.uuid4()).upper()), data)
