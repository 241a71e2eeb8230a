"""The department's gateway under attack and under load: nothing twice, nothing lost, nobody else held up."""

import base64
import contextlib
import gzip
import hashlib
import json
import socket
import struct
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import urlsplit

import psycopg2
import pytest
import requests
from closing_fixtures import ACCOUNT, school_account
from hocba_core.gateway import GatewayClient, wire
from hocba_core.packet import VIETNAM_TIME, get_profile
from hocba_core.signing import sign_list
from hocba_host.cluster import DB_PORT, DB_USER, socket_folder

PROFILE = get_profile("cv2088-1.0")
YEAR = "2025-2026"


@pytest.fixture
def department(pair):
    return pair[0].department


@pytest.fixture
def connect(pair):
    """Opens clients, one a thread."""
    closing, _school, so = pair
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(GatewayClient(school_account(closing, so.url)))


def content_of(packets, signer):
    at = datetime.now(VIETNAM_TIME).replace(microsecond=0)
    return wire.encode_content(sign_list(PROFILE.build_list(packets), signer, at=at))


@contextlib.contextmanager
def held(department, statement):
    """What ``statement`` locks stays locked in the block."""
    connection = psycopg2.connect(host=str(socket_folder()), port=DB_PORT, user=DB_USER, dbname=department.database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            yield connection
    finally:
        connection.rollback()
        connection.close()


def wait_for_waiting(connection, number):
    """Wait until so many others wait for what ``connection`` holds."""
    end = time.monotonic() + 60
    # Not pg_stat_activity: within a transaction it goes on showing the connections that were there at first.
    waits = "NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    query = f"SELECT count(DISTINCT pid) FROM pg_locks WHERE {waits}"
    with connection.cursor() as cursor:
        while True:
            cursor.execute(query)
            if cursor.fetchone()[0] >= number:
                return
            if time.monotonic() > end:
                cursor.execute(
                    "SELECT pid, state, wait_event, left(query, 200), pg_blocking_pids(pid) FROM pg_stat_activity"
                )
                raise AssertionError(f"nobody came to wait: {cursor.fetchall()}")
            time.sleep(0.05)


def stored(department, digest):
    return department.officer("hocba.registry.record", "search_count", [[("digest", "=", digest)]])


def test_same_request_twice_at_once(department, connect, packets, seal):
    """Both get the first one's answer; other bytes under the same name are refused; one transaction is kept."""
    content, other = content_of(packets[:1], seal), content_of(packets[1:2], seal)
    messageid = str(uuid.uuid4())
    clients = [connect() for _number in range(3)]
    for client in clients:
        client.get_token()
    with ThreadPoolExecutor(2) as pool:
        with held(department, "LOCK TABLE hocba_registry_transaction IN EXCLUSIVE MODE") as connection:
            same = [pool.submit(client.report, messageid, YEAR, content) for client in clients[:2]]
            wait_for_waiting(connection, 2)
        answers = [future.result(60) for future in same]
    assert {(answer.code, answer.response_code) for answer in answers} == {
        ("00", hashlib.sha256(content.encode()).hexdigest())
    }
    assert clients[2].report(messageid, YEAR, other).code == "25"
    assert department.officer("hocba.registry.transaction", "search_count", [[("messageid", "=", messageid)]]) == 1


def test_same_name_for_other_bytes_at_once(department, connect, packets, seal):
    messageid = str(uuid.uuid4())
    clients = [connect(), connect()]
    for client in clients:
        client.get_token()
    with ThreadPoolExecutor(2) as pool:
        with held(department, "LOCK TABLE hocba_registry_transaction IN EXCLUSIVE MODE") as connection:
            contents = [content_of(packets[number : number + 1], seal) for number in (0, 1)]
            sent = [
                pool.submit(client.report, messageid, YEAR, content)
                for client, content in zip(clients, contents, strict=True)
            ]
            wait_for_waiting(connection, 2)
        assert sorted(future.result(60).code for future in sent) == ["00", "25"]


def test_same_record_in_two_transactions_at_once(department, connect, packets, seal):
    """Two workers judge them side by side: stored once, accepted twice."""
    client = connect()
    names = [str(uuid.uuid4()), str(uuid.uuid4())]
    with held(department, "LOCK TABLE hocba_registry_line IN EXCLUSIVE MODE") as connection:
        for name in names:
            client.report(name, YEAR, content_of(packets[2:4], seal))
        wait_for_waiting(connection, 1)
        time.sleep(0.5)
    department.wait_until_judged()
    for name in names:
        assert [verdict.accepted for verdict in client.query_report(name).verdicts] == [True, True]
    assert [stored(department, hashlib.sha256(packet).hexdigest()) for packet in packets[2:4]] == [1, 1]


def test_two_workers_judge_side_by_side(department, connect, packets, seal):
    """The second one passes over what the first one is at and takes the next."""
    client = connect()
    names = [str(uuid.uuid4()), str(uuid.uuid4())]
    with held(department, "LOCK TABLE hocba_registry_line IN EXCLUSIVE MODE") as connection:
        for number, name in enumerate(names, 4):
            client.report(name, YEAR, content_of(packets[number : number + 1], seal))
        wait_for_waiting(connection, 2)
    department.wait_until_judged()
    assert all(client.query_report(name).verdicts[0].accepted for name in names)


def test_worker_killed_in_the_middle(pair, department, connect, packets, seal):
    """Records written, verdicts not yet: after the restart every record is there once."""
    client = connect()
    name = str(uuid.uuid4())
    with held(department, "LOCK TABLE hocba_registry_line IN EXCLUSIVE MODE") as connection:
        client.report(name, YEAR, content_of(packets[7:11], seal))
        wait_for_waiting(connection, 1)
        pair[2].kill()
    again = department_after(pair)
    again.wait_until_judged()
    verdicts = connect().query_report(name).verdicts
    assert [verdict.accepted for verdict in verdicts] == [True] * 4
    assert [stored(again, hashlib.sha256(packet).hexdigest()) for packet in packets[7:11]] == [1] * 4


def department_after(pair):
    """The department, with its server running again."""
    closing, _school, so = pair
    so.start()
    return closing.department


def bomb(declared):
    return base64.b64encode(struct.pack("<I", declared) + gzip.compress(b"0" * 60_000_000)).decode()


def nested(levels):
    inner = b"<A>" * levels + b"</A>" * levels
    return b'<DANH_SACH_HOC_BA Id="dataDanhSach"><HOC_BA>' + inner + b"</HOC_BA></DANH_SACH_HOC_BA>"


def too_many():
    return b'<DANH_SACH_HOC_BA Id="dataDanhSach">' + b"<HOC_BA></HOC_BA>" * 5001 + b"</DANH_SACH_HOC_BA>"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda: bomb(60_000_000), "21"),
        (lambda: bomb(1_000), "22"),
        (lambda: base64.b64encode(struct.pack("<I", 5) + b"").decode(), "22"),
        (lambda: wire.encode_content(nested(200)), "23"),
        (lambda: wire.encode_content(nested(100_000)), "21"),
        (lambda: wire.encode_content(too_many()), "21"),
        (lambda: "=" * 400, "22"),
    ],
    ids=["bomb", "lying bomb", "length only", "deep", "deeper", "5001 entries", "padding"],
)
def test_hostile_content(department, connect, content, code):
    client = connect()
    name = str(uuid.uuid4())
    assert client.report(name, YEAR, content()).accepted
    department.wait_until_judged()
    assert client.query_report(name).code == code


def test_slow_body_holds_up_nobody(pair, connect):
    """Whoever sends a byte now and then keeps his own connection, and nothing of it is kept."""
    url = urlsplit(pair[2].url)
    slow = []
    for _number in range(20):
        connection = socket.create_connection((url.hostname, url.port), 10)
        head = f"POST /api/hocba/report HTTP/1.1\r\nHost: {url.hostname}\r\nContent-Length: 100000\r\n\r\n"
        connection.sendall(head.encode() + b'{"authenticationRequest"')
        slow.append(connection)
    try:
        assert connect().probe().ok
    finally:
        for connection in slow:
            connection.close()
    assert connect().probe().ok


def test_body_that_ends_too_soon(pair):
    url = urlsplit(pair[2].url)
    before = pair[0].department.officer("hocba.registry.transaction", "search_count", [[]])
    with socket.create_connection((url.hostname, url.port), 10) as connection:
        body = b'{"authenticationRequest": {}}'
        head = f"POST /api/hocba/report HTTP/1.1\r\nHost: {url.hostname}\r\nContent-Length: {len(body) + 9}\r\n\r\n"
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65536)
    assert not answer.startswith(b"HTTP/1.1 200") and not answer.startswith(b"HTTP/1.0 200")
    assert pair[0].department.officer("hocba.registry.transaction", "search_count", [[]]) == before


def test_chunked_body_is_asked_for_its_length(pair):
    def pieces():
        yield b"{}"

    assert requests.post(f"{pair[2].url}/api/hocba/token", data=pieces(), timeout=30).status_code == 411


def test_guessing_is_slowed_down(pair):
    """Last in this file: this address waits afterwards, even with the right password."""
    closing, _school, so = pair
    code = closing.school.school_code
    right = {"user_name": code, "password": hashlib.sha256(ACCOUNT.encode()).hexdigest(), "ma_don_vi": code}
    statuses = []
    lock = threading.Lock()

    def guess(number):
        answer = requests.post(f"{so.url}/api/hocba/token", json={**right, "password": f"{number:064x}"}, timeout=60)
        with lock:
            statuses.append((answer.status_code, answer.json()["Error"]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(guess, range(12)))
    assert statuses.count((200, "10")) + statuses.count((429, "14")) == 12
    assert 5 <= statuses.count((200, "10")) <= 5 + 4, "as many more as are looked at side by side"
    answer = requests.post(f"{so.url}/api/hocba/token", json=right, timeout=30)
    assert (answer.status_code, json.loads(answer.content)["Error"]) == (429, "14")
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
