"""A pupil's change of school at a real registry: races of two schools, and a server that dies in the middle."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import generate
import pytest
from flow.neighbours import make_packets, report_packets
from handing_over import PROFILE, Speaker, new_speaker
from hocba_core.gateway import GatewayError
from hocba_host import psql
from ready_sites import ACCOUNT, keys_of, running_department

_OTHERS = (("Trường Tiểu học Núi Thành", "48491403"), ("Trường Tiểu học Hoàng Diệu", "48491404"))
_PUPILS = 24


class Registry:
    """The registry's server, three schools that report to it, and the locked records of the first."""

    def __init__(self, server, database, department, schools, packets):
        self.server, self.database, self.department = server, database, department
        self.old, self.new, self.third = schools
        self._packets = iter(packets)

    def packet(self):
        """The locked record of a pupil whom no test has handed over yet."""
        return next(self._packets)

    def custody(self, content):
        """(Code of the school that has the pupil, how often custody changed), as the database has it."""
        code = PROFILE.parse(content).data.pupil_code
        return psql(
            "SELECT u.code, (SELECT count(*) FROM hocba_registry_custody_move m WHERE m.custody_id = c.id)"
            " FROM hocba_registry_custody c JOIN hocba_registry_unit u ON u.id = c.unit_id"
            f" WHERE c.pupil_code = '{code}'",
            self.database,
        )

    def released(self):
        """(packet, number, request, file) of a hand-over whose file is at the registry."""
        content = self.packet()
        number, request = self.new.request(content)
        assert self.new.step(number, "YEU_CAU", request) == "00"
        file = self.old.file(number, content, self.new)
        assert self.old.step(number, "GIAO_TEP", file) == "00"
        return content, number, request, file

    def restart(self):
        self.server.kill()
        self.server.start()


@pytest.fixture(scope="module")
def registry(host):
    school = generate.school(2)
    keys = keys_of(host, school)
    with running_department(host, "transfer_so", school) as (department, server):
        schools = [Speaker(server.url, school.name, school.school_code, keys.holders["seal"])]
        schools += [new_speaker(department, *other, keys.intermediate) for other in _OTHERS]
        place, seal = (school.name, school.school_code, school.commune), keys.holders["seal"]
        packets = make_packets(school, place, seal, keys, _PUPILS)
        report_packets(server.url, school, place, seal, packets, ACCOUNT)
        department.wait_until_judged()
        department.close_year(school.school_year)
        yield Registry(server, department.database, department, schools, packets)


def _together(*calls):
    """Outcomes of the calls, begun at the same moment in threads of their own."""
    gate = threading.Barrier(len(calls))

    def run(call):
        gate.wait()
        try:
            return call()
        except GatewayError as error:
            return error.code

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def test_two_schools_ask_at_the_same_time(registry):
    for _round in range(4):
        content = registry.packet()
        asked = [(school, *school.request(content)) for school in (registry.new, registry.third)]
        codes = _together(*(lambda s=s, n=n, r=r: s.step(n, "YEU_CAU", r) for s, n, r in asked))
        assert sorted(codes) == ["00", "52"], codes
        winner = asked[codes.index("00")]
        rows = registry.old.ask().rows
        code = PROFILE.parse(content).data.pupil_code
        assert [row.number for row in rows if row.pupil_code == code] == [winner[1]]
        assert _custody(registry, content) == (registry.old.code, 0)


def test_the_same_receipt_many_times_at_once(registry):
    content, number, _request, file = registry.released()
    receipt = registry.new.receipt(file)
    codes = _together(*[lambda: registry.new.step(number, "BIEN_NHAN", receipt)] * 4)
    assert set(codes) == {"00"}
    assert _custody(registry, content) == (registry.new.code, 1)


def test_end_and_acceptance_at_the_same_time(registry):
    outcomes = set()
    for _round in range(5):
        content, number, request, file = registry.released()
        receipt, stop = registry.new.receipt(file), registry.old.stop(number, request)
        accepted, stopped = _together(
            lambda n=number, r=receipt: registry.new.step(n, "BIEN_NHAN", r),
            lambda n=number, s=stop: registry.old.step(n, "DUNG", s),
        )
        assert (accepted, stopped) in (("00", "54"), ("55", "00"))
        outcomes.add(accepted)
        state = registry.old.row(number).state
        expected = (registry.new.code, 1) if accepted == "00" else (registry.old.code, 0)
        assert _custody(registry, content) == expected
        assert state == ("accepted" if accepted == "00" else "stopped")
    assert outcomes


@pytest.mark.parametrize("delay", [0, 0.01, 0.02, 0.05])
@pytest.mark.parametrize("step", ["GIAO_TEP", "BIEN_NHAN"])
def test_server_dies_in_the_middle(registry, step, delay):
    """Killed while the step runs: it is there wholly or not at all, and sending it again ends it well."""
    if step == "BIEN_NHAN":
        content, number, _request, file = registry.released()
        speaker, document = registry.new, registry.new.receipt(file)
    else:
        content = registry.packet()
        number, request = registry.new.request(content)
        assert registry.new.step(number, "YEU_CAU", request) == "00"
        speaker, document = registry.old, registry.old.file(number, content, registry.new)
    with speaker.client() as client:
        client.get_token()
        client.ask("8", number)  # the connection stands
    answered = []
    caller = threading.Thread(target=lambda: answered.append(_try(speaker, number, step, document)))
    caller.start()
    time.sleep(delay)
    registry.restart()
    caller.join()
    held = speaker.row(number).digests.get(step)
    moves = _custody(registry, content)
    assert moves == ((registry.new.code, 1) if held and step == "BIEN_NHAN" else (registry.old.code, 0))
    assert answered[0] != "00" or held, "what was answered is there"
    assert speaker.step(number, step, document) == "00"
    assert speaker.step(number, step, document) == "00"
    document_there = speaker.ask(number, tai_lieu=step).content
    assert document_there == document
    expected = (registry.new.code, 1) if step == "BIEN_NHAN" else (registry.old.code, 0)
    assert _custody(registry, content) == expected


def _try(speaker, number, step, document):
    try:
        return speaker.step(number, step, document)
    except GatewayError as error:
        return error.code


def _custody(registry, content):
    ((code, moves),) = registry.custody(content)
    return code, int(moves)


def test_the_steps_stand_in_the_discussion_in_the_officers_language(registry):
    _content, number, _request, _file = registry.released()
    shown = psql(
        "SELECT v.new_value_char FROM mail_tracking_value v JOIN mail_message m ON m.id = v.mail_message_id"
        " JOIN hocba_registry_transfer t ON m.model = 'hocba.registry.transfer' AND m.res_id = t.id"
        f" WHERE t.number = '{number}'",
        registry.database,
    )
    assert [tuple(row) for row in shown] == [("Đã giao tệp",)]
