"""Two set-up servers and a browser with one window a person, for the browser tests of a file."""

import contextlib
import threading

from browser import Screen, chromium
from closing_fixtures import running_pair
from flow import PASSWORD
from flow.department import OFFICER
from ready_sites import warm_up


class Stage:
    """The servers, the public methods behind the screens (``closing``) and everybody's window."""

    def __init__(self, closing, browser):
        self.closing = closing
        self.site = closing.site
        self.department = closing.department
        self.school = closing.school
        self._browser = browser
        self._screens = {}

    def screen(self, login):
        """The window of a person of the school; signed in once."""
        return self._screen(self.site, login)

    def window(self, login, **options):
        """A further window of a person of the school, with ``options`` of the browser (size, touch)."""
        screen = Screen(self._browser, self.site, login, PASSWORD, **options)
        self._screens[login, len(self._screens)] = screen
        return screen

    def officer(self, login=OFFICER):
        """The window of the department's officer, or of another person there."""
        return self._screen(self.department, login)

    def _screen(self, site, login):
        if login not in self._screens:
            self._screens[login] = Screen(self._browser, site, login, PASSWORD)
        return self._screens[login]

    def check(self):
        """Fail on anything that went wrong in any window."""
        for screen in self._screens.values():
            screen.check()


@contextlib.contextmanager
def stage(host, name, pupils):
    """A stage with nothing imported yet."""
    with running_pair(host, name, pupils) as (closing, school, so), chromium() as browser:
        workers = [threading.Thread(target=warm_up, args=(server,)) for server in (school, so)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        yield Stage(closing, browser)


def informatics(stage):
    """The row of informatics (a subject with a test) of the first pupil of 4A1."""
    return stage.site.session("gv.tinhoc")(
        "hocba.result",
        "search_read",
        [[("class_id.name", "=", "4A1"), ("subject_id.code", "=", "TH"), ("period", "=", "year")]],
        {"fields": ["level", "score", "comment", "assessment_id", "pupil_id"], "order": "id", "limit": 1},
    )[0]
