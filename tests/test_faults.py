"""A short seed set of ``bench/faults``: real databases, HTTP and killed workers; nothing lost, doubled or stuck."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "bench"))

import faults


def test_faults_and_kills_lose_nothing_and_double_nothing(host):
    line, probes, verdicts = faults.measure(16, seed=2026, bad_in=20)
    assert {name: line[name] for name in ("runs", "lost", "doubled", "stuck")} == {
        "runs": 16,
        "lost": 0,
        "doubled": 0,
        "stuck": 0,
    }
    assert line["kills"] >= 3, "the killer found nobody to kill"
    assert 10 <= probes <= 60, "calls to a receiver that was down for three days"
    assert verdicts == [("accepted", "", 19), ("refused", "Signature", 1)]
