"""How records are packed into transactions, and how long the sender waits."""

import random
import zlib

import _path  # noqa: F401 - puts host/lib on the path
from hocba_core.gateway import MAX_TRANSACTION_BYTES, after_probe, after_try, wire
from hocba_core.gateway.packing import portions

_LIMITS = {"most": 500, "room": 300_000, "list_bytes": 2_000_000}


def _packets(count, seed=1):
    """Packets of very different sizes; some do not compress at all."""
    draw = random.Random(seed)
    for number in range(count):
        size = draw.choice((200, 5_000, 20_000, 60_000))
        yield number, draw.randbytes(size) if draw.random() < 0.3 else (b"<A>hoc ba</A>" * size)[:size]


def test_every_packet_goes_once_and_in_order_within_the_limits():
    packets = dict(_packets(400))
    groups = list(portions(packets.items(), **_LIMITS))
    assert [key for group in groups for key in group] == list(packets)
    for group in groups:
        listing = b"".join(packets[key] for key in group)
        assert len(group) <= 500
        assert len(wire.encode_content(listing)) <= _LIMITS["room"]
        assert len(listing) <= _LIMITS["list_bytes"]
    assert len(groups) < 60, "packets that compress well share a transaction"


def test_ten_megabytes_are_never_passed_and_nearly_used():
    draw = random.Random(2)
    packets = {number: draw.randbytes(500_000) for number in range(60)}
    limits = {"most": 1000, "room": MAX_TRANSACTION_BYTES, "list_bytes": 64 * 1024 * 1024}
    sizes = [
        len(wire.encode_content(b"".join(packets[key] for key in group)))
        for group in portions(packets.items(), **limits)
    ]
    assert max(sizes) <= MAX_TRANSACTION_BYTES
    assert min(sizes[:-1]) > 9_000_000


def test_the_number_of_records_splits_too():
    packets = [(number, b"x") for number in range(1001)]
    assert [len(group) for group in portions(packets, **_LIMITS)] == [500, 500, 1]


def test_a_packet_too_large_for_any_transaction_stands_alone():
    large = random.Random(3).randbytes(400_000)
    assert len(zlib.compress(large)) > _LIMITS["room"]
    packets = [("a", b"x"), ("large", large), ("b", b"x")]
    assert list(portions(packets, **_LIMITS)) == [["a"], ["large"], ["b"]]


def test_pauses_double_and_have_an_end():
    assert [round(after_try(failures, lambda: 0)) for failures in (1, 2, 3, 9, 30)] == [15, 30, 60, 3600, 3600]
    assert after_try(30, lambda: 1) == 4500
    assert len({after_try(5) for _draw in range(20)}) > 10, "senders do not come back all at once"


def test_a_receiver_down_for_three_days_is_called_at_most_sixty_times():
    seconds, probes = 0.0, 3
    while seconds < 3 * 86400:
        probes += 1
        seconds += after_probe(probes - 2, draw=lambda: 0)
    assert 30 < probes <= 60


def test_a_refused_account_is_tried_less_often():
    assert after_probe(1, refused=True, draw=lambda: 0) == 900
    assert after_probe(20, refused=True, draw=lambda: 0) == 14400
