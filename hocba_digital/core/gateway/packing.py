"""Which records go into one transaction: at most 10 MB of ``content`` (CV 2088, annex 1, §II.2.8)."""

import zlib

#: Bytes of the list around the packets: root, transaction signature, the seal's certificate with its chain.
_FRAME = 64 * 1024


def portions(packets, *, most, room, list_bytes):
    """Split ``packets``, (key, bytes) in order, into lists of keys; yields one list a transaction.

    ``most`` packets a transaction at most; ``room``: bytes of the encoded ``content``; ``list_bytes``: bytes of the XML
    list before compression, which receivers limit too. A packet is measured as compressed by itself, which is never
    less than its share of the whole. A packet that is too large for any transaction stands alone.
    """
    keys, size, raw = [], 0, 0
    for key, packet in packets:
        share = -(-len(zlib.compress(packet, 6)) // 3) * 4
        full = len(keys) >= most or size + share > room - _FRAME or raw + len(packet) > list_bytes - _FRAME
        if keys and full:
            yield keys
            keys, size, raw = [], 0, 0
        keys.append(key)
        size += share
        raw += len(packet)
    if keys:
        yield keys
