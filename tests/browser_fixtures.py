"""Two set-up servers and a browser with one window a person, for the browser tests of a file."""

import contextlib
import re
import threading

from browser import Screen, chromium
from closing_fixtures import running_pair
from flow import PASSWORD

_ASSET = re.compile(rb'(?:src|href)="(/web/assets/[^"]+)"')


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

    def officer(self):
        """The window of the department's officer."""
        return self._screen(self.department, "chuyenvien")

    def _screen(self, site, login):
        if login not in self._screens:
            self._screens[login] = Screen(self._browser, site, login, PASSWORD)
        return self._screens[login]

    def check(self):
        """Fail on anything that went wrong in any window."""
        for screen in self._screens.values():
            screen.check()


def warm_up(rpc):
    """Have the server build its scripts and styles, so that the first person does not wait for them."""
    for path in dict.fromkeys(_ASSET.findall(rpc.get("/odoo"))):
        rpc.get(path.decode())


@contextlib.contextmanager
def stage(host, folder, name, pupils):
    """A stage with nothing imported yet."""
    with running_pair(host, folder, name, pupils) as (closing, school, so), chromium() as browser:
        workers = [threading.Thread(target=warm_up, args=(server.rpc(),)) for server in (school, so)]
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
