"""How long to wait before the next try: capped, growing, and never the same for everybody."""

import random

#: Seconds before a transaction is tried again after its first failure, and at most.
FIRST_TRY, LONGEST_TRY = 15, 3600
#: Seconds between two probes of a gateway that does not answer. Three days are fewer than 60 probes.
FIRST_PROBE, LONGEST_PROBE = 60, 6000
#: Seconds between two probes of a gateway that refuses the account: too many wrong passwords lock an account.
FIRST_REFUSAL, LONGEST_REFUSAL = 900, 14400


def growing(first, longest, failures, draw=random.random):
    """Seconds to wait after ``failures`` in a row (from 1): doubling, capped, up to a quarter longer by chance."""
    base = min(first * 2 ** min(max(failures, 1) - 1, 20), longest)
    return base * (1 + draw() / 4)


def after_try(failures, draw=random.random):
    """Seconds until a transaction is tried again."""
    return growing(FIRST_TRY, LONGEST_TRY, failures, draw)


def after_probe(failures, *, refused=False, draw=random.random):
    """Seconds until the gateway is probed again; ``refused``: it is there and does not let the account in."""
    first, longest = (FIRST_REFUSAL, LONGEST_REFUSAL) if refused else (FIRST_PROBE, LONGEST_PROBE)
    return growing(first, longest, failures, draw)
