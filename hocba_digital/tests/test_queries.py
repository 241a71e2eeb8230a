from odoo.tests import tagged

from .common import PIN, SchoolCase


@tagged("post_install", "-at_install")
class TestQueries(SchoolCase):
    """Queries per record are few and do not grow with the batch."""

    def _count(self, run):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        run()
        self.env.flush_all()
        self.env.cr.precommit.run()
        return self.env.cr.sql_log_count - before

    def _per_record(self, school_class, small, large, run):
        """Additional queries per additional record between a small and a large batch."""
        counts = {}
        for size in (small, large):
            for number in range(len(school_class.enrolment_ids), size):
                self._pupil(school_class, number)
            counts[size] = self._count(lambda size=size: run(size))
        return (counts[large] - counts[small]) / (large - small)

    def test_creating_records(self):
        def create(_size):
            school_class = self.class2
            school_class.with_user(self.clerk).action_create_records()

        self.assertLess(self._per_record(self.class2, 4, 24, create), 4)

    def test_signing(self):
        """Every role's batch: a few records more cost no query each."""
        self._certify()
        counts = {}
        for school_class, size in ((self.class2, 4), (self.class5, 24)):
            records = self._records(school_class, size)
            for user in (school_class.homeroom_id, self.head, self.clerk):
                job_id = records.with_user(user).action_sign()["params"]["job_id"]
                job = self.env["hocba.signing.job"].with_user(user).browse(job_id)
                counts[size, job.role] = self._count(lambda job=job: job.process(PIN, limit=100))
                self.assertEqual(job.done, size)
        for role in ("gvcn", "cbql", "seal"):
            self.assertLess((counts[24, role] - counts[4, role]) / 20, 1, counts)
