"""How often an outsider may ask and guess. Pure: who keeps the counters hands them in.

A guess is counted before it is judged, so that two guesses at once count as two, and taken back when it was right.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` in a window of ``seconds`` (None: for ever) for one key of ``scope``.

    ``free``: so many may follow each other at once; from then on each next one waits twice as long as the one before.
    """

    scope: str
    seconds: int | None
    most: int
    free: int | None = None

    def window(self, now: datetime) -> int:
        """The window that ``now`` (aware) lies in: its start in seconds since 1970, 0 for ever."""
        return int(now.timestamp()) // self.seconds * self.seconds if self.seconds else 0


#: Pages of one address (a whole school may stand behind one).
VIEWS = (Limit("views", 60, 240),)
#: Files of one address that are checked; each may take a second of the machine.
FILES = (Limit("files", 3600, 60),)
#: Wrong second factors. Birth date and four digits are about 4 million possibilities for a class of one age: a thief
#: of the paper has 20 guesses a day and 200 in all; a thief of many papers is stopped by his address and by the sum.
GUESSES = (
    Limit("address", 3600, 30, free=3),
    Limit("all", 3600, 2000),
    Limit("record", 86400, 20),
    Limit("record_ever", None, 200),
)
_FIRST_DELAY, _LONGEST_DELAY = 5, 900


@dataclass(frozen=True, slots=True)
class Counter:
    """How many were counted in the window, and when the last one."""

    count: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether one more may follow; if not, which scope is used up and after how many seconds to ask again."""

    allowed: bool
    scope: str | None = None
    retry_after: int = 0


def decide(counters: Mapping[str, Counter], now: datetime, limits: Sequence[Limit]) -> Decision:
    """Judge one more of everything in ``limits``; a scope that ``counters`` lacks counts as unused."""
    for limit in limits:
        counter = counters.get(limit.scope, Counter())
        if counter.count >= limit.most:
            left = limit.window(now) + limit.seconds - int(now.timestamp()) if limit.seconds else _LONGEST_DELAY
            return Decision(False, limit.scope, max(1, left))
        wait = _wait(limit, counter, now)
        if wait > 0:
            return Decision(False, limit.scope, wait)
    return Decision(True)


def _wait(limit: Limit, counter: Counter, now: datetime) -> int:
    if limit.free is None or counter.count < limit.free or counter.last_at is None:
        return 0
    delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** (counter.count - limit.free))
    left = counter.last_at + timedelta(seconds=delay) - now
    return max(0, -(-left // timedelta(seconds=1)))


def network_of(address: str | None) -> str:
    """What counts as one address: an IPv4 address, the /64 of an IPv6 one; "unknown" for anything else."""
    try:
        found = ipaddress.ip_address((address or "").split("%", maxsplit=1)[0])
    except ValueError:
        return "unknown"
    found = getattr(found, "ipv4_mapped", None) or found
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))


def mask_address(address: str | None) -> str:
    """An address for people's eyes, its last part left out: 203.0.113.x, 2001:db8:1::/48."""
    network = network_of(address)
    if network == "unknown":
        return network
    if "." in network:
        return network.rpartition(".")[0] + ".x"
    return str(ipaddress.ip_network(network).supernet(new_prefix=48))
