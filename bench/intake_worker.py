"""Piped into Odoo's shell by ``bench_intake``: one worker of the gateway, its share received, then judged.

Receives the files of its share through ``_handle`` as the controller does, waits for the other workers, judges with
them until nothing waits, and prints what that cost: wall and processor seconds of this process and of its PostgreSQL
backend.
"""

import json
import os
import resource
import time
from pathlib import Path

PLAN = json.loads(os.environ["HOCBA_BENCH_PLAN"])
folder = Path(PLAN["folder"])
env = globals()["env"]  # Odoo's shell puts it there


def backend_seconds(pid):
    """Processor seconds of PostgreSQL's backend of this connection."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def meet(name):
    """Go on when all workers are here."""
    (folder / f"{name}.{PLAN['worker']}").touch()
    while len(list(folder.glob(f"{name}.*"))) < PLAN["workers"]:
        time.sleep(0.01)


def measured(pid, work):
    """(result, seconds by the clock, of this process, of the backend)."""
    start = time.perf_counter(), time.process_time(), backend_seconds(pid)
    result = work()
    env.cr.commit()
    end = time.perf_counter(), time.process_time(), backend_seconds(pid)
    return result, [round(after - before, 3) for before, after in zip(start, end, strict=True)]


def receive():
    """Every request of this worker's share."""
    intake = env["hocba.registry.intake"]
    account = PLAN["account"]
    token = intake._handle("token", json.dumps(account).encode())["token"]
    for path in sorted(folder.glob("*.content"))[PLAN["worker"] :: PLAN["workers"]]:
        authentication = {**account, "token": token, "nam_hoc": 2025, "messageid": path.stem, "type": "1"}
        request = {"authenticationRequest": authentication, "content": path.read_text()}
        answer = intake._handle("report", json.dumps(request).encode())
        if answer["Error"] != "00":
            raise RuntimeError(answer)
        env.cr.commit()
        env.invalidate_all()


def judge():
    """Number of transactions that were still waiting when this worker found nothing more to do."""
    transactions = env["hocba.registry.transaction"]
    while transactions.search_count([("state", "=", "received")], limit=1):
        transactions._cron_process()
        env.cr.commit()
        env.invalidate_all()


def main():
    """One line of JSON."""
    env.cr.execute("SELECT pg_backend_pid()")
    (pid,) = env.cr.fetchone()
    env["hocba.registry.intake"]._handle("token", json.dumps(PLAN["account"]).encode())
    env.cr.commit()
    meet("ready")
    _none, received = measured(pid, receive)
    meet("received")
    if PLAN.get("profile"):
        import cProfile

        profile = cProfile.Profile()
        _none, judged = measured(pid, lambda: profile.runcall(judge))
        profile.dump_stats(PLAN["profile"])
    else:
        _none, judged = measured(pid, judge)
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    print("hocba:" + json.dumps({"received": received, "judged": judged, "peak_mb": peak}), flush=True)


main()
