"""bench/faults --runs N --seed S [--json]: reports sent through faults, by workers that are killed at every step.

A run is one transaction with its own faults and its own kills, drawn from its seed. A real department, a real school,
real HTTP, workers that are real processes and really killed; only the time that pauses and leases take is simulated, by
a clock that runs ahead. The last line compares the bytes that the department stores with those that the school froze:
{"runs", "kills", "lost", "doubled", "stuck"}.
"""

import argparse
import json
import random
import sys
import time
from datetime import timedelta
from pathlib import Path

_REPO = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_REPO / "host" / "lib"), str(_REPO / "host"), str(_REPO / "tests"), str(_REPO / "bench")]

from fault_plan import Plan, plan  # noqa: E402
from fault_sites import Registry, School, databases  # noqa: E402
from faulty_gateway import FaultyGateway  # noqa: E402

#: Runs under way at the same time, and workers that share them.
WAVE, WORKERS = 80, 2
#: Simulated days after which a transaction without outcome counts as stuck.
_PATIENCE = timedelta(days=12)
_OUTAGE = timedelta(days=3)
_OPEN = "('queued', 'sending', 'unknown', 'received')"


class Faults:
    """Runs in waves, until each has its outcome or its time is over."""

    def __init__(self, school, registry, gateway, seed, talk):
        self.school, self.registry, self.gateway = school, registry, gateway
        self.seed = seed
        self.talk = talk
        self.plans = {}
        self.kills = 0
        self.ahead = timedelta(0)
        self.down_until = None
        self.probes = 0
        self._calls = 0
        self._chance = random.Random(seed)
        self._records = {grade: self._sealed(grade) for grade in ("2", "3")}
        gateway.choose = self.choose

    def _sealed(self, grade):
        rows = self.school.rows(
            "SELECT r.id FROM hocba_record r JOIN hocba_class c ON c.id = r.class_id"
            f" WHERE c.grade = '{grade}' AND r.waiting_for = 'sending' ORDER BY r.id"
        )
        return [row[0] for row in rows]

    def choose(self, path, messageid):
        """The fault of one request, as the plan of its run says."""
        if self.down_until:
            self.probes += 1
            return self._chance.choice(("drop_before", "bad_gateway_before"))
        if path.endswith("/token"):
            return (
                self._chance.choice(("bad_gateway_before", "drop_before", "slow"))
                if self._chance.random() < 0.03
                else None
            )
        found = self.plans.get(messageid)
        return found.fault(path) if found else None

    def queue(self, first, count):
        """Freeze the transactions of so many runs; now and then the process dies before its commit."""
        plans = [plan(f"{self.seed}/{number}") for number in range(first, first + count)]
        groups = [self._take(found) for found in plans]
        if self._chance.random() < 0.5:
            self._note(self.school.order(do="queue", groups=groups, die=True))
        answer = self.school.order(do="queue", groups=groups)
        names = json.loads(answer["lines"][0])
        self.plans.update(zip(names, plans, strict=True))

    def _take(self, found):
        group = [self._records["3"].pop()] if found.mixed and self._records["3"] else []
        while len(group) < found.records:
            group.append(self._records["2"].pop())
        return group

    def _note(self, answer):
        self.kills += answer["killed"]
        if answer["failed"]:
            raise RuntimeError("a worker ended with an error; see the log of the nursery")

    def wave(self, first, count):
        """Reports until nothing is open, then one recall for nine of them."""
        recalls = count // 10
        self.queue(first, count - recalls)
        rounds = self._finish()
        if recalls:
            self.recall(first + count - recalls, recalls)
            rounds += self._finish()
        self.talk(f"{first + count} runs, {self.kills} kills, {rounds} rounds, {self.ahead.days} simulated days")

    def _finish(self):
        """Rounds until nothing is open; returns how many."""
        end = self.ahead + _PATIENCE
        rounds = 0
        while self.ahead < end and self._round():
            rounds += 1
        return rounds

    def recall(self, first, count):
        """Ask for records back that the department accepted."""
        accepted = self.school.rows(
            "SELECT id FROM hocba_record WHERE state = 'submitted' AND recall_state IS NULL"
            f" ORDER BY id DESC LIMIT {count}"
        )
        answer = self.school.order(do="recall", ids=[row[0] for row in accepted])
        for name, number in zip(json.loads(answer["lines"][0]), range(first, first + count), strict=True):
            self.plans[name] = plan(f"{self.seed}/{number}")
            self.plans[name].conflict = False

    def _round(self):
        """One run of the schedule by each worker. Returns whether something is still open."""
        kills = {name: found.kills for name, found in self.plans.items() if found.kills}
        workers = 1 if self.down_until else WORKERS
        order = {"do": "round", "workers": workers, "ahead": self.ahead.total_seconds(), "kills": kills}
        answer = self.school.order(**order)
        self._note(answer)
        for line in answer["lines"]:
            name, attempt, _point = line.split()
            self.plans[name].kills.pop(attempt, None)
        self.registry.wait_until_judged()
        self.registry.decide_recalls()
        return self._advance()

    def _advance(self):
        """Let the time pass until half of what is open is due. Returns False when nothing is open any more."""
        found = self.school.rows(
            "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY greatest(s.next_try_at, e.quiet_until,"
            " CASE WHEN e.breaker_state != 'closed' THEN e.breaker_until END)), now() AT TIME ZONE 'UTC',"
            " min(s.lease_until), max(e.call_count)"
            f" FROM hocba_submission s JOIN hocba_endpoint e ON e.id = s.endpoint_id WHERE s.state IN {_OPEN}"
        )[0]
        if not found[0]:
            return False
        due, now, lease, calls = found
        if calls == self._calls and lease:
            due = max(due, lease)  # all places are taken by workers that were killed
        self._calls = calls
        self.ahead += max(due - (now + self.ahead), timedelta(0)) + timedelta(seconds=1)
        return True

    def outage(self, first, count):
        """A receiver that is down for three days: how often it is called, and whether everything goes afterwards."""
        self.queue(first, count)
        self.probes = 0
        self.down_until = self.ahead + _OUTAGE
        while self.ahead < self.down_until and self._round():
            pass
        probes, self.down_until = self.probes, None
        self._finish()
        self.talk(f"down for three days: {probes} calls in that time")
        return probes

    def one_bad_record(self, size):
        """One transaction of so many records with one that the department refuses: (accepted, refused, its field)."""
        records = [self._records["3"].pop(), *(self._records["2"].pop() for _record in range(size - 1))]
        answer = self.school.order(do="queue", groups=[records])
        names = json.loads(answer["lines"][0])
        self._finish()
        rows = self.school.rows(
            "SELECT l.verdict, coalesce(l.error_field, ''), count(*) FROM hocba_submission_line l"
            " JOIN hocba_submission s ON s.id = l.submission_id"
            f" WHERE s.messageid IN ({', '.join(repr(name) for name in names)}) GROUP BY 1, 2 ORDER BY 1"
        )
        self.talk(f"one bad record in {size}: {rows}")
        return rows

    def count(self):
        """What was lost, doubled, stuck."""
        stored, verdicts, messages = self.registry.stored()
        frozen = json.loads(self.school.order(do="count")["lines"][0])
        states = dict(self.school.rows("SELECT messageid, state FROM hocba_submission"))
        held = {code: digest for code, digest, _state in stored}
        withdrawn = {code for code, _digest, state in stored if state == "recalled"}
        granted = {code for code, verdict in verdicts if verdict == "1"}
        in_doubt = {
            row[0] for row in self.school.rows("SELECT uuid FROM hocba_submission_line WHERE verdict = 'conflict'")
        }
        lost = [
            code
            for code, (state, digest) in frozen.items()
            if (state in ("submitted", "locked", "recalled") or code in granted) and held.get(code) != digest
        ]
        doubled = len(stored) - len(held) + len(messages) - len(set(messages))
        doubled += sum(len(contents) > 1 for contents in self.gateway.contents.values())
        doubled += len(held.keys() - frozen.keys())
        plain = Plan(records=0, mixed=False, conflict=False)
        stuck = [name for name, state in states.items() if state not in self.plans.get(name, plain).ends()]
        stuck += [code for code in held if code in frozen and frozen[code][0] == "signed" and code not in in_doubt]
        stuck += [code for code, (state, _digest) in frozen.items() if (state == "recalled") != (code in withdrawn)]
        stopped = [name for name, state in states.items() if state == "failed"]
        self.talk(f"stopped for a person, as the gateway insists on other bytes: {len(stopped)}; stuck: {stuck}")
        return {"lost": len(lost), "doubled": doubled, "stuck": len(stuck)}


def measure(runs, seed, *, bad_in=0, talk=lambda text: None):
    """Everything: returns (the last line, calls during an outage, verdicts of the transaction with a bad record)."""
    extra = 5
    with databases() as (school_db, so_db):
        school = School(school_db)
        gateway = FaultyGateway("http://127.0.0.1:9")
        gateway.silence = 1.4
        try:
            total = runs + runs // 8 + extra + bad_in + 10
            pems = school.order(do="set_up", gateway=gateway.url, good=total, bad=runs // 12 + 3)
            talk(f"school with {total} sealed records is there")
            registry = Registry(so_db, pems)
            gateway.target = registry.start()
            try:
                return _measured(Faults(school, registry, gateway, seed, talk), runs, extra, bad_in)
            finally:
                registry.close()
        finally:
            school.close()
            gateway.close()


def _measured(faults, runs, extra, bad_in):
    done = 0
    probes = faults.outage(runs, extra)
    while done < runs:
        count = min(WAVE, runs - done)
        faults.wave(done, count)
        done += count
    rows = faults.one_bad_record(bad_in) if bad_in else []
    return {"runs": runs, "kills": faults.kills + 0, **faults.count()}, probes, rows


def main() -> int:
    """Run, and print the line. Returns 1 when something was lost, doubled or stuck."""
    parser = argparse.ArgumentParser(prog="bench/faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bad-in", type=int, default=1000, metavar="N", help="size of the list with one bad record")
    parser.add_argument("--json", action="store_true", help="only the lines of JSON")
    arguments = parser.parse_args()
    began = time.monotonic()

    def talk(text):
        if not arguments.json:
            print(f"{time.monotonic() - began:7.0f} s  {text}", file=sys.stderr, flush=True)

    line, probes, rows = measure(arguments.runs, arguments.seed, bad_in=arguments.bad_in, talk=talk)
    print(json.dumps({"outage_calls": probes, "one_bad_record": rows, "seconds": round(time.monotonic() - began)}))
    print(json.dumps(line))
    return int(any(line[name] for name in ("lost", "doubled", "stuck")) or probes > 60)


if __name__ == "__main__":
    sys.exit(main())
