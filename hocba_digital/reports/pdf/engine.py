"""HTML to PDF by a program of the machine: a small port with two engines behind it."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .errors import PrintError
from .fonts import serif

#: Margins of a record's page in mm: top, right, bottom, left. The bottom one is where the footer stands. Left and right
#: are alike, so that both sides of a sheet carry the text at the same place.
MARGINS = (12, 18, 23, 18)
TIME_LIMIT = 300
#: Odoo limits the address space of its processes and of what they start; Chromium reserves far more than it uses.
_WITHOUT_MEMORY_LIMIT = ["/bin/sh", "-c", 'ulimit -S -v "$(ulimit -H -v)"; exec "$@"', "sh"]


@dataclass(frozen=True, slots=True)
class Paper:
    """A4, upright or lying, with margins in mm: top, right, bottom, left."""

    margins: tuple[int, int, int, int] = MARGINS
    landscape: bool = False


UPRIGHT = Paper()
LYING = Paper((9, 10, 9, 10), landscape=True)


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that turns a file of HTML into a PDF on A4."""

    name: str
    program: str

    @property
    def breaks_rows(self) -> bool:
        """Whether pages end in the middle of table rows, even of lines, and heads of tables are not repeated: then the
        rows of each page must be a table of their own."""
        return False

    def render(self, html: str, folder: Path, paper: Paper = UPRIGHT) -> bytes:
        """The PDF of a document; ``folder`` is private to this call. Raises PrintError("engine_failed")."""
        source, target = folder / "page.html", folder / "page.pdf"
        source.write_text(html, encoding="utf-8")
        log = self._run(self._command(source, target, folder, paper), folder)
        if not target.exists() or not target.stat().st_size:
            raise PrintError("engine_failed", f"{self.name} made no PDF: {log[-2000:]}")
        return target.read_bytes()

    def page_css(self, paper: Paper = UPRIGHT) -> str:
        """Rules that only this engine needs."""
        raise NotImplementedError

    def _command(self, source: Path, target: Path, folder: Path, paper: Paper) -> list[str]:
        raise NotImplementedError

    def _run(self, command: list[str], folder: Path) -> str:
        fonts = folder / "fonts.conf"
        fonts.write_text(serif().configuration(), encoding="utf-8")
        private = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "FONTCONFIG_FILE": str(fonts)}
        environment = {**os.environ, **private, "QT_QPA_PLATFORM": "offscreen"}
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, timeout=TIME_LIMIT, check=False
            )
        except subprocess.TimeoutExpired:
            raise PrintError("engine_failed", f"{self.name} did not finish within {TIME_LIMIT} s") from None
        except OSError as error:
            raise PrintError("engine_failed", f"{self.name} cannot be started: {error}") from None
        log = done.stderr.decode("utf-8", "replace")
        if done.returncode:
            raise PrintError("engine_failed", f"{self.name} ended with code {done.returncode}: {log[-2000:]}")
        return log


class WkHtmlToPdf(Engine):
    """Debian 12's wkhtmltopdf: unpatched Qt, so no headers, footers, outlines or shrinking of its own."""

    @property
    def breaks_rows(self):
        return True

    def page_css(self, paper=UPRIGHT):
        # This Qt lays a page out 1.297 times too wide and shrinks it to the paper; measured with a ruler of 174 mm.
        return "body { zoom: 1.297; }"

    def _command(self, source, target, folder, paper):
        top, right, bottom, left = (str(margin) for margin in paper.margins)
        margins = ["-T", top, "-R", right, "-B", bottom, "-L", left]
        margins += ["--orientation", "Landscape" if paper.landscape else "Portrait"]
        options = ["--quiet", "--page-size", "A4", "--encoding", "utf-8", "--disable-javascript"]
        return [self.program, *options, *margins, str(source), str(target)]


class Chromium(Engine):
    """Chromium without a screen; the only engine left from Debian 13 on."""

    def page_css(self, paper=UPRIGHT):
        top, right, bottom, left = paper.margins
        size = "A4 landscape" if paper.landscape else "A4"
        return f"@page {{ size: {size}; margin: {top}mm {right}mm {bottom}mm {left}mm; }}"

    def _command(self, source, target, folder, paper):
        options = [
            "--headless",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--disable-extensions",
            f"--user-data-dir={folder / 'profile'}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={target}",
        ]
        # Chromium's sandbox does not start for root, as in containers; the page is our own and runs no script.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        return [*_WITHOUT_MEMORY_LIMIT, self.program, *options, *sandbox, source.as_uri()]


_KINDS = (
    ("wkhtmltopdf", WkHtmlToPdf, ("wkhtmltopdf",)),
    ("chromium", Chromium, ("chromium", "chromium-browser", "google-chrome")),
)


def available_engines() -> tuple[Engine, ...]:
    """Engines whose program is on this machine, the faster one first."""
    found = []
    for name, kind, programs in _KINDS:
        program = next(filter(None, map(shutil.which, programs)), None)
        if program:
            found.append(kind(name, program))
    return tuple(found)


def choose_engine(name: str | None = None) -> Engine:
    """The engine of that name, or the first available. Raises PrintError("engine_missing")."""
    engines = available_engines()
    for engine in engines:
        if name in (None, "", "auto", engine.name):
            return engine
    wanted = name if name not in (None, "", "auto") else "wkhtmltopdf or chromium"
    raise PrintError("engine_missing", f"{wanted} is not installed on this machine")


def render_html(engine: Engine, html: str, paper: Paper = UPRIGHT) -> bytes:
    """The PDF of one HTML document in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="hocba-print-", ignore_cleanup_errors=True) as folder:
        return engine.render(html, Path(folder), paper)
