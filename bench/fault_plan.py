"""What goes wrong in a run, drawn from its seed: the same seed always draws the same."""

import random
from dataclasses import dataclass, field

#: Faults of the calls that deliver, and of those that ask; ``None`` is a fair call.
_DELIVERY = (
    "drop_before",
    "drop_after",
    "silent_after",
    "bad_gateway_before",
    "bad_gateway_after",
    "busy",
    "too_many",
    "too_many_date",
    "cut",
    "garbage",
    "slow",
    "twice",
    "stale",
    "wrong_digest",
    "clock",
    "kill_and_forget",
    "kill_and_deliver",
    "kill_with_answer",
)
_QUERY = (
    "drop_before",
    "bad_gateway_after",
    "busy",
    "cut",
    "garbage",
    "slow",
    "stale",
    "not_found",
    "not_found",
    "wrong_digest",
    "clock",
    "kill_and_forget",
    "kill_with_answer",
)
#: Steps of a worker at which it dies by its own hand; the call itself is the gateway's to cut.
KILL_POINTS = ("before_commit", "before_call", "after_answer", "before_its_commit")


@dataclass
class Plan:
    """Faults of one run's deliveries and queries in their order, and the attempts at which its worker dies.

    ``records`` in the transaction; ``mixed``: one of them is refused by the department; ``conflict``: the department
    says for ever that it holds other bytes, so that a person has to look.
    """

    records: int
    mixed: bool
    conflict: bool
    deliveries: list = field(default_factory=list)
    queries: list = field(default_factory=list)
    kills: dict = field(default_factory=dict)
    #: How often the gateway said of the records that it holds other bytes.
    lies: int = 0

    def fault(self, path):
        """The fault of the next call for ``path``."""
        if not path.endswith("/query"):
            return self.deliveries.pop(0) if self.deliveries else None
        found = "wrong_digest" if self.conflict else self.queries.pop(0) if self.queries else None
        self.lies += found == "wrong_digest"
        return found

    def ends(self):
        """States in which the run may end. Told twice of other bytes, the school stops and asks a person."""
        told = ("accepted", "partly", "refused")
        if self.conflict:
            return ("failed", "refused")
        return (*told, "failed") if self.lies > 1 else told


def plan(seed):
    """The ``Plan`` of a run."""
    draw = random.Random(seed)
    kills = {}
    while draw.random() < 0.4 and len(kills) < 3:
        kills[str(draw.randint(1, 5))] = draw.choice(KILL_POINTS)
    mixed = draw.random() < 0.05
    return Plan(
        records=2 if mixed or draw.random() < 0.1 else 1,
        mixed=mixed,
        conflict=draw.random() < 0.01,
        deliveries=[draw.choice(_DELIVERY) if draw.random() < 0.6 else None for _call in range(draw.randint(0, 3))],
        queries=[draw.choice(_QUERY) if draw.random() < 0.5 else None for _call in range(draw.randint(0, 5))],
        kills=kills,
    )
