"""A person in front of the screens: Chromium driven by Playwright, addressed by names, classes and data attributes.

Nothing here depends on the words on the screen, which are in the user's language. Every uncaught JavaScript error,
console error and error dialog is collected; ``Screen.check`` fails the test on any.
"""

import contextlib
import os
import re
import time
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
SIZE = {"width": 1280, "height": 800}
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)
# A machine under load may need long for an answer; a condition that holds never waits for this.
_PATIENCE = 45_000
expect.set_options(timeout=_PATIENCE)
# Drawn twice: whatever a click or an answer set off in the page has run by then.
_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# The chart of a graph view, once its library is loaded and it has drawn something.
_DRAWN_CHART = "() => window.Chart && Chart.getChart(document.querySelector('.o_graph_renderer canvas'))?.chartArea"
_CHART = """() => {
    const chart = Chart.getChart(document.querySelector(".o_graph_renderer canvas"));
    return {
        kind: chart.config.type,
        labels: chart.data.labels.map(String),
        series: Object.fromEntries(chart.data.datasets.map((set) => [set.label ?? "", [...set.data]])),
        measure: chart.options.scales?.y?.title?.text ?? "",
        marks: (chart.scales.y?.ticks ?? []).map((tick) => tick.label),
    };
}"""
_PIVOT = """() => [...document.querySelectorAll(".o_pivot tr")].map(
    (row) => [...row.children].map((cell) => cell.innerText.trim())
)"""
# Chromium's own words about an answer that is no success: which ones are wrong is decided by `_on_response`.
_NETWORK = re.compile(r"Failed to load resource: the server responded with a status of")


def _searches(request, text):
    """Whether a request asks the server for records of this name."""
    return "name_search" in request.url and request.post_data_json["params"]["kwargs"].get("name") == text


@contextlib.contextmanager
def chromium():
    """The system's Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


class Screen:
    """The browser window of one signed-in person."""

    def __init__(self, browser, site, login, password, **options):
        self.site = site
        self.login = login
        self.errors = []
        options = {"viewport": SIZE, "locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh", **options}
        self._context = browser.new_context(**options)
        self._context.set_default_timeout(_PATIENCE)
        self.page = self._context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        self.page.on("console", self._on_console)
        self.page.on("response", self._on_response)
        self._pending = {}
        self._slow_down()
        self.page.on("request", self._on_request)
        self.page.on("requestfinished", self._on_request_end)
        self.page.on("requestfailed", self._on_request_end)
        self._sign_in(password)

    def _slow_down(self):
        """With HOCBA_SLOW=N: a browser that is N times slower, to find what does not wait."""
        if rate := float(os.environ.get("HOCBA_SLOW", "0")):
            self._context.new_cdp_session(self.page).send("Emulation.setCPUThrottlingRate", {"rate": rate})

    def _on_console(self, message):
        if message.type == "error" and not _NETWORK.search(message.text):
            self.errors.append(f"console: {message.text}")

    def _on_response(self, response):
        if response.status >= 400:
            self.errors.append(f"HTTP {response.status}: {response.url}")

    def _sign_in(self, password):
        self.page.goto(f"{self.site.url}/web/login")
        self.page.fill("input[name=login]", self.login)
        self.page.fill("input[name=password]", password)
        self.page.press("input[name=password]", "Enter")
        # The first page of a server may have to wait until its scripts and styles are built.
        self.page.wait_for_selector(".o_web_client .o_main_navbar", timeout=60_000)
        self.settle()

    def settle(self):
        """Wait until a view is on the screen and the client has asked the server for nothing for a moment."""
        self.page.wait_for_selector(".o_action_manager .o_action")
        end = time.monotonic() + _PATIENCE / 1000
        calm = 0
        while calm < 3:
            assert time.monotonic() < end, f"still waiting for {self._pending}"
            self.page.wait_for_timeout(50)
            self.page.evaluate(_DRAWN)
            calm = 0 if self._pending else calm + 1

    def _on_request(self, request):
        if request.resource_type in ("xhr", "fetch", "document") and "/bus/" not in request.url:
            self._pending[request] = request.url

    def _on_request_end(self, request):
        self._pending.pop(request, None)

    @contextlib.contextmanager
    def offline(self):
        """The cable is out; what the browser then says of failed requests is expected."""
        before = list(self.errors)
        self._context.set_offline(True)
        yield
        self._context.set_offline(False)
        self.errors = before + [line for line in self.errors[len(before) :] if "ERR_INTERNET_DISCONNECTED" not in line]

    def grant(self, *permissions):
        """Let the page use the clipboard or the like without asking."""
        self._context.grant_permissions(permissions)

    def close(self):
        """Close the window."""
        self._context.close()

    def check(self):
        """Fail on any JavaScript error, failed request or error dialog seen so far."""
        if not self.page.is_closed() and self.page.locator(".o_error_dialog").count():
            self.errors.append(self.page.locator(".o_error_dialog").inner_text())
        assert not self.errors, "\n".join(self.errors)

    def picture(self, name):
        """With HOCBA_PICTURES=1: what is on the screen, as docs/pictures/NAME.png."""
        if os.environ.get("HOCBA_PICTURES") == "1":
            size = self.page.viewport_size
            self.page.mouse.move(size["width"] - 1, size["height"] - 1)
            self.page.wait_for_timeout(400)
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=PICTURES / f"{name}.png")

    # ---- menus and views -------------------------------------------------------------------------------------------

    def menu_ids(self):
        """External ids of the menus that this person has in the whole client."""
        return self.page.evaluate(
            "() => odoo.__WOWL_DEBUG__.root.env.services.menu.getAll().map(menu => menu.xmlid).filter(Boolean)"
        )

    def menu(self, xmlid, parent=None):
        """Open a menu of the navigation bar by its external id; ``parent`` is the drop-down that holds it."""
        first = self.page.locator(f'.o_menu_sections [data-menu-xmlid="{parent or xmlid}"]')
        if first.is_visible():
            first.click()
        else:  # what does not fit into the bar stands behind its last button, entries of drop-downs directly
            self.page.click(".o_menu_sections_more")
            parent = xmlid
        if parent:
            self.page.click(f'.o-dropdown--menu [data-menu-xmlid="{xmlid}"]')
        self.settle()

    def open(self, path):
        """Open an address of the client, as a bookmark does."""
        self.page.goto(f"{self.site.url}{path}")
        self.page.wait_for_selector(".o_web_client .o_main_navbar")
        self.settle()

    @property
    def dialog(self):
        """The dialog on top."""
        return self.page.locator(".modal.o_technical_modal, .modal[role=dialog]").last

    @property
    def form(self):
        """The form that fills the screen."""
        return self.page.locator(".o_form_view")

    def press(self, name, within=None):
        """Press the visible button of this method name in a view, or in ``within``."""
        scope = within or self.page
        scope.locator(f'button[name="{name}"]:visible, a[name="{name}"]:visible').first.click()

    def press_smart(self, name):
        """Press a smart button of the form, also one for which there was no room in the row."""
        button = self.page.locator(f'.o-form-buttonbox button[name="{name}"]')
        expect(self.page.locator(".o-form-buttonbox").first).to_be_visible()
        if not button.count():
            self.page.locator(".o-form-buttonbox .o_button_more").click()
        button.first.click()
        self.settle()

    def press_action(self, xmlid):
        """Press the button that opens this window action."""
        module, name = xmlid.split(".")
        found = self.site.admin(
            "ir.model.data", "search_read", [[("module", "=", module), ("name", "=", name)]], {"fields": ["res_id"]}
        )
        self.press(str(found[0]["res_id"]))

    def refusal(self):
        """Text of the message with which the server refused; the message is closed."""
        message = self.page.locator(".o_error_dialog")
        text = message.locator("[role=alert]").inner_text()
        assert not message.locator(".o_error_detail").count(), text
        message.locator("footer button").first.click()
        expect(message).to_have_count(0)
        return text

    def row(self, text):
        """The list row that holds ``text``."""
        return self.page.locator(".o_list_view tr.o_data_row", has_text=text).first

    def cell(self, row, field):
        """A row's cell of a field."""
        return row.locator(f'td[name="{field}"]')

    def select_all(self):
        """Tick every row of the list."""
        self.page.locator("thead .o_list_record_selector input").click()
        more = self.page.locator(".o_list_select_domain, .o_select_domain")
        if more.count() and more.first.is_visible():
            more.first.click()

    def card(self, text):
        """The kanban card that holds ``text``."""
        return self.page.locator(".o_kanban_record:not(.o_kanban_ghost)", has_text=text).first

    def fill(self, field, text, within=None):
        """Type into a field of a form and leave it; the text stands there then."""
        box = self._field(field, within).locator("input:visible, textarea:visible").first
        box.fill(text)
        box.press("Tab")
        self.settle()
        expect(box).to_have_value(text)

    def fill_date(self, field, text, within=None):
        """Type a date as dd/mm/yyyy; its calendar is closed then.

        A calendar that is still opening takes the cursor back, and what is typed into the next field ends here.
        """
        whole = self._field(field, within)
        calendar = self.page.locator(".o_datetime_picker")
        whole.locator("input.o_input, button.o_input").first.click()
        expect(calendar).to_be_visible()
        box = whole.locator("input.o_input").first
        expect(box).to_be_focused()
        box.fill(text)
        box.press("Enter")
        expect(calendar).to_have_count(0)
        self.settle()
        expect(whole.locator("button.o_input")).to_have_attribute("data-tooltip", text)

    def _field(self, field, within):
        return (within or self.page).locator(f'div[name="{field}"]').first

    def save_form(self):
        """Save the form that is being edited."""
        self.page.locator(".o_form_button_save:visible").click()
        expect(self.page.locator(".o_form_button_save:visible")).to_have_count(0)
        self.settle()

    def choose(self, field, text, within=None):
        """Pick ``text`` in a field that searches records (one or tags): in the dialog, or in ``within``."""
        whole = self._field(field, within or self.dialog)
        self.search_and_pick(whole.locator("input").first, text)
        chosen = whole.locator(".o_tag", has_text=text)
        if not chosen.count():
            expect(whole.locator("input").first).to_have_value(re.compile(f"^{re.escape(text)}"))

    def search_and_pick(self, box, text):
        """Type into a searching box and pick the entry. The search must have begun: it would open the list again."""
        box.click()
        with self.page.expect_request(lambda request: _searches(request, text)):
            box.fill(text)
        self.settle()
        self.page.locator(".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option)", has_text=text).first.click()
        expect(self.page.locator(".o-autocomplete--dropdown-menu")).to_have_count(0)
        self.settle()

    def select(self, field, label, within=None):
        """Pick the entry ``label`` of a selection field."""
        self._select(self._field(field, within).locator("input").first, label)

    def select_in_cell(self, row, field, label):
        """Pick the entry ``label`` of a selection in a row of an editable list."""
        self.cell(row, field).click()
        self._select(self.page.locator(f'tr.o_selected_row td[name="{field}"] input'), label)

    def _select(self, box, label):
        """Nothing is typed: the delayed search would open the list once more after the choice."""
        box.click()
        self.page.locator(".o_select_menu_item").get_by_text(label, exact=True).first.click()
        expect(box).to_have_value(label)
        expect(self.page.locator(".o_select_menu_menu")).to_have_count(0)
        self.settle()

    def label(self, model, field, value):
        """How the person's language calls a value of a selection."""
        words = {"attributes": ["selection"], "context": {"lang": "vi_VN"}}
        found = self.site.session(self.login)(model, "fields_get", [[field]], words)
        return dict(found[field]["selection"])[value]

    def save_list(self):
        """Save the row that is being edited."""
        self.page.locator("button.o_list_button_save:visible").first.click()
        expect(self.page.locator("tr.o_selected_row")).to_have_count(0)
        self.settle()

    def expect_state(self, value):
        """Wait until the form's status bar stands at this state."""
        expect(
            self.page.locator(f'.o_statusbar_status button[data-value="{value}"][aria-checked="true"]').first
        ).to_be_visible()

    def unfold_groups(self):
        """Open every group of a grouped list."""
        headers = self.page.locator("tr.o_group_header:not(.o_group_open)")
        while headers.count():
            headers.first.click()
            self.settle()

    def switch_view(self, kind):
        """Press the switch to another view of the same data (list, pivot, graph)."""
        self.page.locator(f".o_switch_view.o_{kind}").click()
        self.settle()

    def pivot(self):
        """The table of the pivot view: the lines with their cells' texts, the measures' names first."""
        expect(self.page.locator(".o_pivot tbody tr").first).to_be_visible()
        return self.page.evaluate(_PIVOT)

    def graph(self):
        """What the graph view has drawn: {"kind", "labels" of the axis, "series": {name: numbers}, "measure" and
        "marks" of the other axis}."""
        self.page.wait_for_function(_DRAWN_CHART)
        return self.page.evaluate(_CHART)

    def close_dialog(self):
        """Close the form in a dialog."""
        self.dialog.locator('footer button[special="cancel"], footer .o_form_button_cancel').first.click()
        expect(self.page.locator(".modal")).to_have_count(0)
        self.settle()

    def close_notifications(self):
        """Close the messages at the corner."""
        for button in self.page.locator(".o_notification_close").all():
            button.click()

    # ---- signing ---------------------------------------------------------------------------------------------------

    @property
    def signing(self):
        """The signing progress."""
        return self.page.locator(".o_hocba_signing")

    def sign(self, pin):
        """Enter the PIN and have everything signed; returns how many were."""
        self.signing.locator("input[type=password]").fill(pin)
        self.signing.locator(".o_hocba_start").click()
        expect(self.signing.locator("[role=status]")).to_be_visible(timeout=60_000)
        return int(self.signing.locator(".o_hocba_done").inner_text())

    def close_signing(self):
        """Close the finished dialog."""
        self.signing.locator(".o_hocba_close").click()
        expect(self.signing).to_have_count(0)
        self.settle()
