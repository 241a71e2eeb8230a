"""One round of a worker: several calls at the same time, the database only in the worker's own thread."""

import logging
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from odoo.tools import config

_logger = logging.getLogger(__name__)

#: Calls that one worker makes at the same time, to all gateways together.
THREADS = 8
#: Seconds before the worker's own limit at which its last call has ended.
_RESERVE = 20
#: Answers of a claim that hold for all transactions of the same gateway.
_OF_THE_GATEWAY = ("quiet", "open", "full")


def seconds_of_worker():
    """How long Odoo lets this process work at one job or request before it is ended; None: for ever."""
    limits = [config["limit_time_real"], config["limit_time_real_cron"]]
    limits = [limit for limit in limits if limit and limit > 0]
    return min(limits) if limits else None


class Dispatch:
    """Claims what ``source`` offers, calls in threads, settles; until nothing is left or the time is over.

    ``submissions``: model with the environment of who asks. ``source(skipped, closed)``: the next transactions, without
    those that were skipped and those of gateways that are closed for this round. ``patience``: seconds in which calls
    begin; those under way are always waited for. ``counts``: what became of the steps: send, query, failed, or why not.
    """

    def __init__(self, submissions, source, *, force=False, patience=60, progress=None):
        self.submissions = submissions
        self.source = source
        self.force = force
        self.counts = Counter()
        self._progress = progress or (lambda done, remaining: True)
        self._began = time.monotonic()
        self._limit = seconds_of_worker()
        self._patience = min(patience, self._limit / 2) if self._limit else patience
        self._more_time = True
        self._running = {}
        self._waiting = []
        self._skipped = set()
        self._closed = {}

    def run(self):
        """Do it. Returns ``counts``."""
        with ThreadPoolExecutor(THREADS, thread_name_prefix="hocba-gateway") as pool:
            while True:
                self._claim_more(pool)
                if not self._running:
                    return self.counts
                finished, _running = wait(self._running, timeout=1, return_when=FIRST_COMPLETED)
                for future in finished:
                    self._settle(future)
                self._more_time = self._progress(len(finished), len(self._waiting) + len(self._running))

    def _claim_more(self, pool):
        if not self._may_begin():
            return
        if not self._waiting:
            under_way = {submission.id for submission, _claim in self._running.values()}
            closed = {gateway for gateway, reason in self._closed.items() if reason != "full"}
            self._waiting = list(self.source(self._skipped | under_way, closed))
        later = []
        while self._waiting and len(self._running) < THREADS and self._may_begin():
            submission = self._waiting.pop(0)
            if self._closed.get(submission.endpoint_id.id) == "full":
                later.append(submission)
            elif claim := self._claim(submission):
                self._running[pool.submit(claim.perform)] = (submission, claim)
        self._waiting = later + self._waiting

    def _may_begin(self):
        """More calls begin while there is time, or while the worker has to wait for a slow one anyway."""
        return time.monotonic() - self._began < self._patience and (self._more_time or bool(self._running))

    def _claim(self, submission):
        gateway = submission.endpoint_id.id
        if self._closed.get(gateway):
            return None
        try:
            claim, reason = submission._in_own_transaction("_claim", self.force, self._seconds_left())
        except Exception:
            _logger.exception("transaction %s could not be taken up and will be tried again", submission.id)
            claim, reason = None, "busy"
        if claim:
            return claim
        if reason in _OF_THE_GATEWAY:
            self._closed[gateway] = reason
        if reason == "full" and any(other.endpoint_id.id == gateway for other, _claim in self._running.values()):
            self._waiting.insert(0, submission)  # its turn comes when one of this round's calls is over
            return None
        self.counts[reason] += 1
        self._skipped.add(submission.id)
        return None

    def _seconds_left(self):
        return None if self._limit is None else self._limit - _RESERVE - (time.monotonic() - self._began)

    def _settle(self, future):
        submission, claim = self._running.pop(future)
        if self._closed.get(submission.endpoint_id.id) == "full":
            del self._closed[submission.endpoint_id.id]
        try:
            submission._in_own_transaction("_settle", claim.attempt_id, future.result())
            self.counts[claim.action] += 1
        except Exception as error:
            _logger.exception("the answer to transaction %s could not be stored", claim.messageid)
            self.counts["broken"] += 1
            self._settle_broken(submission, claim, error)
        if self.force:
            self._skipped.add(submission.id)

    @staticmethod
    def _settle_broken(submission, claim, error):
        try:
            submission._in_own_transaction("_settle_broken", claim.attempt_id, f"{type(error).__name__}: {error}")
        except Exception:
            _logger.exception("transaction %s waits for the end of its lease", claim.messageid)
