"""Changes of school through the gateway (transactions 7 and 8, docs/wire.md): each step once, custody passes once.

An extension: a gateway that does not announce it is reported as not offering it, and nothing of this is asked of it.
"""

import hashlib
import uuid
from datetime import timedelta

import pytest
from hocba_core.gateway import RECEIPT, RELEASE, REQUEST, STEPS, STOP
from kit import keys
from kit.transfers import ACCEPTED, REFUSED, RELEASED, REQUESTED, STOPPED


@pytest.fixture
def requested(new_school, pupil):
    """(data, packet, number, request): the new school has asked."""
    number, request = new_school.request(pupil[0])
    reply = new_school.step(number, REQUEST, request)
    assert reply.accepted, reply
    return *pupil, number, request


@pytest.fixture
def released(old_school, new_school, requested):
    """(data, packet, number, request, file): the old school has handed the file over."""
    data, packet, number, _request = requested
    file = old_school.file(number, data, packet, new_school)
    reply = old_school.step(number, RELEASE, file)
    assert reply.accepted, reply
    return *requested, file


def same(first, second):
    """Both replies say the same."""
    return first.status == second.status and first.answer == second.answer


def test_request_file_and_receipt_move_the_record(old_school, new_school, pupil):
    data, packet = pupil
    number, request = new_school.request(data)
    reply = new_school.step(number, REQUEST, request)
    assert reply.accepted, reply
    assert reply.answer["MessageId"] == number
    assert str(reply.answer["trang_thai"]) == REQUESTED
    row = old_school.row(number)
    assert (row["vai_tro"], new_school.row(number)["vai_tro"]) == ("DI", "DEN")
    assert (row["ma_hoc_sinh"], row["ho_ten"]) == (data.pupil_code, data.pupil_name)
    assert (row["ma_truong_di"], row["ma_truong_den"]) == (old_school.code, new_school.code)
    file = old_school.file(number, data, packet, new_school)
    assert str(old_school.step(number, RELEASE, file).answer["trang_thai"]) == RELEASED
    received = new_school.document(number, RELEASE)
    assert received == file, "the new school gets the file byte for byte"
    receipt = new_school.receipt(received)
    assert str(new_school.step(number, RECEIPT, receipt).answer["trang_thai"]) == ACCEPTED
    for school in (old_school, new_school):
        assert school.state(number) == ACCEPTED
        documents = {REQUEST: request, RELEASE: file, RECEIPT: receipt}
        digests = {step: hashlib.sha256(document).hexdigest() for step, document in documents.items()}
        assert school.row(number)["digest"] == digests
        assert {step: school.document(number, step) for step in documents} == documents
    again, asked = new_school.request(data)
    new_school.gateway.refused(new_school.step(again, REQUEST, asked), "51")


def test_after_the_change_the_old_school_does_not_report_the_pupil(old_school, new_school, released):
    data, _packet, number, _request, file = released
    assert new_school.step(number, RECEIPT, new_school.receipt(file)).accepted
    school = old_school.school
    same_pupil = {
        name: getattr(data, name) for name in ("pupil_code", "pupil_name", "id_number", "birth_date", "gender")
    }
    later = school.data(**same_pupil)
    rows = old_school.gateway.report(school.content(school.packets(later))).rows
    old_school.gateway.row_refused(rows[later.uuid], "38")


def test_receipt_that_comes_again_does_not_move_the_record_again(old_school, new_school, released):
    data, packet, number, _request, file = released
    receipt = new_school.receipt(file)
    assert new_school.step(number, RECEIPT, receipt).accepted
    # The pupil goes back.
    back, request = old_school.request(data)
    assert old_school.step(back, REQUEST, request).accepted
    file = new_school.file(back, data, packet, old_school)
    assert new_school.step(back, RELEASE, file).accepted
    assert old_school.step(back, RECEIPT, old_school.receipt(file)).accepted
    assert new_school.step(number, RECEIPT, receipt).accepted
    asked = old_school.request(data)
    old_school.gateway.refused(old_school.step(asked[0], REQUEST, asked[1]), "51")


def test_each_step_that_comes_again_is_answered_the_same(old_school, new_school, pupil):
    data, packet = pupil
    number, request = new_school.request(data)
    file = old_school.file(number, data, packet, new_school)
    for party, step, document in (
        (new_school, REQUEST, request),
        (old_school, RELEASE, file),
        (new_school, RECEIPT, new_school.receipt(file)),
    ):
        first = party.step(number, step, document)
        assert first.accepted, first
        before = old_school.row(number)
        assert same(first, party.step(number, step, document))
        assert old_school.row(number) == before
    # Long since past: nothing changes any more.
    for party, step, document in ((new_school, REQUEST, request), (old_school, RELEASE, file)):
        assert party.step(number, step, document).accepted
        assert old_school.row(number) == before


def test_other_bytes_for_a_step_that_was_taken_are_refused(old_school, new_school, released):
    data, packet, number, request, file = released
    other = new_school.request(data)[1]
    new_school.gateway.refused(new_school.step(number, REQUEST, other), "25")
    changed = old_school.file(number, data, packet, new_school, signer=keys.STRANGER)
    old_school.gateway.refused(old_school.step(number, RELEASE, changed), "25")
    assert new_school.step(number, RECEIPT, new_school.receipt(file)).accepted
    refusal = new_school.receipt(file, "Em không đến")
    new_school.gateway.refused(new_school.step(number, RECEIPT, refusal), "25")
    assert new_school.state(number) == ACCEPTED
    assert new_school.document(number, REQUEST) == request
    assert new_school.document(number, RELEASE) == file


@pytest.mark.parametrize("who", ["old_school", "new_school"])
def test_either_school_ends_it_before_acceptance(request, old_school, new_school, released, who):
    _data, _packet, number, asked, file = released
    party = request.getfixturevalue(who)
    stop = party.stop(number, asked)
    first = party.step(number, STOP, stop)
    assert first.accepted, first
    assert str(first.answer["trang_thai"]) == STOPPED
    assert same(first, party.step(number, STOP, stop))
    party.gateway.refused(party.step(number, STOP, party.stop(number, asked, "Lý do khác")), "55")
    new_school.gateway.refused(new_school.step(number, RECEIPT, new_school.receipt(file)), "55")
    row = new_school.row(number)
    assert (str(row["trang_thai"]), row["ben_dung"], row["ly_do_dung"]) == (STOPPED, party.code, "Em ở lại")


def test_pupil_of_an_ended_change_can_be_asked_for_again(old_school, new_school, requested):
    data, _packet, number, asked = requested
    second = new_school.request(data)
    new_school.gateway.refused(new_school.step(second[0], REQUEST, second[1]), "52")
    assert old_school.step(number, STOP, old_school.stop(number, asked)).accepted
    third = new_school.request(data)
    assert new_school.step(third[0], REQUEST, third[1]).accepted


@pytest.mark.parametrize("who", ["old_school", "new_school"])
def test_what_was_accepted_cannot_be_ended(request, old_school, new_school, released, who):
    _data, _packet, number, asked, file = released
    assert new_school.step(number, RECEIPT, new_school.receipt(file)).accepted
    party = request.getfixturevalue(who)
    party.gateway.refused(party.step(number, STOP, party.stop(number, asked)), "54")
    assert party.state(number) == ACCEPTED


def test_new_school_refuses_the_file(old_school, new_school, released):
    _data, _packet, number, _asked, file = released
    reply = new_school.step(number, RECEIPT, new_school.receipt(file, "Em không đến"))
    assert str(reply.answer["trang_thai"]) == REFUSED
    new_school.gateway.refused(new_school.step(number, RECEIPT, new_school.receipt(file)), "25")
    assert old_school.row(number)["ly_do_dung"] == "Em không đến"


def test_steps_of_the_other_school_are_refused(old_school, new_school, requested):
    data, packet, number, _request = requested
    own, asked = old_school.request(data)
    old_school.gateway.refused(old_school.step(own, REQUEST, asked), "51")
    file = old_school.file(number, data, packet, new_school)
    new_school.gateway.refused(new_school.step(number, RELEASE, file), "58")
    assert old_school.step(number, RELEASE, file).accepted
    receipt = new_school.receipt(file)
    old_school.gateway.refused(old_school.step(number, RECEIPT, receipt), "58")
    assert new_school.state(number) == RELEASED


def test_request_of_another_school_or_number_is_refused(old_school, new_school, pupil):
    number, asked = new_school.request(pupil[0])
    old_school.gateway.refused(old_school.step(number, REQUEST, asked), "56")
    new_school.gateway.refused(new_school.step(str(uuid.uuid4()), REQUEST, asked), "56")
    foreign = new_school.request(pupil[0], signer=keys.STRANGER)
    new_school.gateway.refused(new_school.step(foreign[0], REQUEST, foreign[1]), "24")
    assert new_school.row(number) is None


def test_unknown_pupil_and_wrong_data_are_one_answer(new_school, pupil):
    """Nobody learns which of what was said is right. Four wrong ones only: the fifth is told to wait."""
    (data, _packet), replies = pupil, []
    for wrong in (
        {"code": "4899999999"},
        {"name": "Trần Văn Khác"},
        {"birth_date": data.birth_date + timedelta(days=1)},
        {"id_number": ""},
    ):
        number, asked = new_school.request(data, **wrong)
        reply = new_school.step(number, REQUEST, asked)
        new_school.gateway.refused(reply, "50", "59")
        replies.append({name: value for name, value in reply.answer.items() if name != "MessageId"})
    assert all(each == replies[0] for each in replies), replies


def test_file_of_another_change_or_school_is_refused(old_school, new_school, requested):
    data, packet, number, _request = requested
    for file in (
        old_school.file(str(uuid.uuid4()), data, packet, new_school),
        old_school.file(number, data, packet, old_school),
    ):
        old_school.gateway.refused(old_school.step(number, RELEASE, file), "56")
    foreign = old_school.file(number, data, packet, new_school, signer=keys.STRANGER)
    old_school.gateway.refused(old_school.step(number, RELEASE, foreign), "24")
    assert old_school.state(number) == REQUESTED


def test_file_with_another_packet_than_was_reported_is_refused(old_school, new_school, requested):
    data, _packet, number, _request = requested
    (again,) = old_school.school.packets(data, seal=keys.STRANGER)
    file = old_school.file(number, data, again, new_school)
    old_school.gateway.refused(old_school.step(number, RELEASE, file), "57")
    assert old_school.state(number) == REQUESTED


def test_receipt_for_another_file_is_refused(old_school, new_school, released):
    data, packet, number, _request, file = released
    other = old_school.file(number, data, packet, new_school, signer=keys.STRANGER)
    new_school.gateway.refused(new_school.step(number, RECEIPT, new_school.receipt(other)), "56")
    foreign = new_school.receipt(file, signer=keys.STRANGER)
    new_school.gateway.refused(new_school.step(number, RECEIPT, foreign), "24")
    assert new_school.state(number) == RELEASED


def test_change_that_is_not_there_is_not_known(old_school, pupil):
    number = str(uuid.uuid4())
    old_school.gateway.refused(old_school.ask(number, tai_lieu=REQUEST), "58")
    old_school.gateway.refused(old_school.step(number, STOP, old_school.stop(number, b"-")), "58")


def test_document_that_has_not_come_is_not_there(old_school, requested):
    number = requested[2]
    for step in STEPS:
        answer = old_school.ask(number, tai_lieu=step).answer
        assert ("content" in answer) == (step == REQUEST)
        assert [row["ma_chuyen_giao"] for row in answer["data"]] == [number]


@pytest.mark.parametrize("step", ["", "KHAC", None])
def test_unknown_step_is_refused(new_school, step):
    new_school.gateway.refused(new_school.step(str(uuid.uuid4()), step, b"<a/>"), "20")


@pytest.mark.parametrize("changes", [{"token": "not-a-token"}, {"password": "0" * 64}, {"ma_don_vi": "00000000"}])
def test_changes_of_school_check_token_account_and_unit(new_school, changes):
    number = str(uuid.uuid4())
    new_school.gateway.refused(new_school.step(number, REQUEST, b"<a/>", **changes), "11", "12")
    new_school.gateway.refused(new_school.ask(number, **changes), "11", "12")
