"""The class grid in a window: a person who types, pastes and looks."""

import re

from playwright.sync_api import expect

_AWAIT_PASTE = """() => {
    window.hocbaPasted = new Promise((done, fail) => {
        setTimeout(() => fail(new Error("nothing was pasted")), 5000);
        document.addEventListener("paste", () => setTimeout(done, 100), { once: true, capture: true });
    });
}"""


class Grid:
    """The grid on a ``Screen``. Rows are counted from 0; columns go by key: ``s<subject id>.level``, ``height``."""

    def __init__(self, screen):
        self.screen = screen
        self.page = screen.page

    def open(self, class_id):
        """Open the grid of a class by its address."""
        self.screen.open(f"/odoo/hocba-classes/{class_id}/hocba-grid")
        self.page.wait_for_selector(".o_hocba_grid [data-view]")
        return self

    def choose(self, period=None, view=None):
        """Choose a period and a view."""
        if period:
            self.page.select_option(".o_hocba_grid .o_period", period)
            self.screen.settle()
        if view:
            self.page.click(f'.o_hocba_grid [data-view="{view}"]')
            expect(self.page.locator(f'.o_hocba_grid [data-view="{view}"]')).to_have_attribute("aria-pressed", "true")
            self.screen.settle()
        return self

    @property
    def rows(self):
        """All rows."""
        return self.page.locator(".o_hocba_grid tbody tr")

    def ids(self):
        """Assessments of the rows, from above."""
        return [int(row.get_attribute("data-id")) for row in self.rows.all()]

    def names(self):
        """Pupils of the rows, from above."""
        return self.page.locator(".o_hocba_grid tbody .o_name").all_inner_texts()

    def row(self, assessment):
        """Number of the row of an assessment."""
        return self.ids().index(assessment)

    def columns(self):
        """Keys of the columns, from the left."""
        cells = self.rows.first.locator("td")
        return [cell.get_attribute("data-key") for cell in cells.all()]

    def key(self, code, field):
        """Key of the column of a subject."""
        found = self.screen.site.admin("hocba.subject", "search", [[("code", "=", code)]])
        return f"s{found[0]}.{field}"

    def cell(self, row, key):
        """One cell."""
        return self.rows.nth(row).locator(f'td[data-key="{key}"]')

    def expect_texts(self, key, texts):
        """Wait until the first rows' cells of a column show ``texts``."""
        for row, text in enumerate(texts):
            self.expect_text(row, key, text)

    def expect_text(self, row, key, text):
        """Wait until a cell shows ``text``."""
        expect(self.cell(row, key)).to_have_text(text)

    def go(self, row, key):
        """Click a cell."""
        self.cell(row, key).click()
        expect(self.cell(row, key)).to_have_class(_word("o_active"))

    def active(self):
        """(row, key) of the cursor."""
        cell = self.page.locator(".o_hocba_grid td.o_active")
        return int(cell.get_attribute("data-r")), cell.get_attribute("data-key")

    def press(self, *keys):
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
        self.drawn()

    def drawn(self):
        """Wait until what was done is on the screen."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def type(self, text):
        """Type a text."""
        self.page.keyboard.type(text)
        self.drawn()

    def copy_elsewhere(self, text):
        """Have ``text`` on the clipboard, as Excel would have put it there."""
        self.screen.grant("clipboard-read", "clipboard-write")
        self.page.evaluate("(text) => navigator.clipboard.writeText(text)", text)

    def paste(self, row, key, lines):
        """Paste a table at a cell; cells with line breaks are quoted, as Excel does."""
        self.copy_elsewhere("\r\n".join("\t".join(_quoted(cell) for cell in line) for line in lines))
        self.go(row, key)
        self.page.evaluate(_AWAIT_PASTE)
        self.press("Control+v")
        self.page.evaluate("window.hocbaPasted")
        self.drawn()

    def state(self):
        """The saved-state at the corner."""
        return self.page.locator(".o_hocba_grid .o_save_state")

    def saved(self):
        """Wait until everything is saved."""
        self.drawn()
        expect(self.state()).to_have_attribute("data-state", "saved", timeout=20_000)

    def search_phrases(self, text):
        """Open the phrases for the cursor's comment and search; returns those that fit."""
        self.press("Control+ ")
        expect(self.page.locator(".o_hocba_phrases input")).to_be_focused()
        self.type(text)
        return self.page.locator(".o_hocba_phrases li[role=option]")

    def foot(self):
        """The line below the table."""
        return self.page.locator(".o_hocba_grid_foot")


def _quoted(text):
    return '"' + text.replace('"', '""') + '"' if "\n" in text or "\t" in text else text


def _word(name):
    return re.compile(rf"(^|\s){name}(\s|$)")
