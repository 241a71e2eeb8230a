"""Keep the Vietnamese translation of both add-ons complete.

    python host/translate.py            exit code 1 and a list when a text has no translation or other placeholders
    python host/translate.py --update   the same, and writes i18n/<module>.pot and i18n/vi.po

Run it with the Python of `.state/venv` after `host/setup.sh`. A translation that exists is kept, an entry whose source
text is gone is dropped. Texts that are Vietnamese already, Odoo's own fields and the sentences of the workbook reader,
which carry their Vietnamese in the code, are filled in; whatever else is new has to be written by a person.
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path

_REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(_REPO / "host/lib"))

import polib  # noqa: E402
from hocba_host import ODOO_LIB, create_database, drop_database, run_odoo  # noqa: E402
from hocba_workbook.messages import MESSAGES  # noqa: E402

MODULES = ("hocba_digital", "hocba_registry")
_DATABASE = "hocba_translate"
_WRAP = 78
_VIETNAMESE = re.compile("[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)
#: Words no Vietnamese text holds: with one of them, an English sentence only quotes Vietnamese.
_ENGLISH = re.compile(r"\b(the|for|example|with|and|digits?|is|or|has|not|this|reached)\b", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|<[^>]+>")
_STANDARD_FIELD = re.compile(
    r"model:ir\.model\.fields,\w+:\w+\.field_\w+?__"
    r"(id|display_name|(create|write)_(uid|date)|(website_)?message_\w+|has_message|(my_)?activity_\w+)$"
)


def export(folder):
    """Write <module>.pot of every module into `folder` and return the paths, by module."""
    paths = {module: Path(folder) / f"{module}.pot" for module in MODULES}
    create_database(_DATABASE, list(MODULES))
    try:
        for module, path in paths.items():
            run_odoo(_DATABASE, "i18n", "export", "-l", "pot", "-o", str(path), module)
    finally:
        drop_database(_DATABASE)
    return paths


def known_texts():
    """Return two dictionaries English -> Vietnamese: Odoo's own for its standard fields, and our workbook's."""
    standard = {}
    for module in ("base", "mail", "web"):
        path = Path(ODOO_LIB) / "odoo/addons" / module / "i18n/vi.po"
        if path.exists():
            standard |= {entry.msgid: entry.msgstr for entry in polib.pofile(str(path)) if entry.msgstr}
    return standard, dict(MESSAGES.values())


def _filled(entry, standard, workbook):
    if entry.occurrences and all(_STANDARD_FIELD.match(place) for place, _line in entry.occurrences):
        return standard.get(entry.msgid, "")
    if entry.msgid in workbook:
        return workbook[entry.msgid]
    same = not re.search("[A-Za-z]", entry.msgid) or (
        _VIETNAMESE.search(entry.msgid) and not _ENGLISH.search(re.sub("<[^>]+>", "", entry.msgid))
    )
    return entry.msgid if same else ""


def merge(template, translated, standard, workbook):
    """Return the template's entries with the translations there are, under the header of a Vietnamese translation."""
    result = polib.POFile(wrapwidth=_WRAP)
    result.header = template.header
    result.metadata = template.metadata | {"Language": "vi", "Plural-Forms": "nplurals=1; plural=0;"}
    result.metadata["Content-Transfer-Encoding"] = "8bit"
    for entry in template:
        text = translated.get(entry.msgid) or _filled(entry, standard, workbook)
        copy = polib.POEntry(
            msgid=entry.msgid,
            msgstr=text,
            msgctxt=entry.msgctxt,
            comment=entry.comment,
            tcomment=entry.tcomment,
            occurrences=entry.occurrences,
            flags=entry.flags,
        )
        result.append(copy)
    return result


def problems(catalogue):
    """Return one line for every entry without a translation or whose placeholders or tags differ."""
    lines = []
    for entry in catalogue:
        if not entry.msgstr:
            lines.append(f"missing: {entry.msgid!r} ({entry.occurrences[0][0] if entry.occurrences else ''})")
        elif sorted(_PLACEHOLDER.findall(entry.msgid)) != sorted(_PLACEHOLDER.findall(entry.msgstr)):
            lines.append(f"placeholders: {entry.msgid!r} -> {entry.msgstr!r}")
    return lines


def _entries(catalogue):
    return [(entry.msgid, entry.msgstr, entry.comment, entry.occurrences) for entry in catalogue]


def _save(catalogue, path):
    """Write the file only when an entry changed: the dates of its header would differ at every export."""
    if not path.exists() or _entries(polib.pofile(str(path))) != _entries(catalogue):
        path.parent.mkdir(exist_ok=True)
        catalogue.save(str(path), newline="\n")


def main():
    """Check, and with --update write, the translation of every module."""
    parser = argparse.ArgumentParser(description="Check or refresh the Vietnamese translation of both add-ons.")
    parser.add_argument("--update", action="store_true", help="write i18n/<module>.pot and i18n/vi.po")
    update = parser.parse_args().update
    known = known_texts()
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for module, path in export(folder).items():
            template = polib.pofile(str(path), wrapwidth=_WRAP)
            target = _REPO / module / "i18n/vi.po"
            old = polib.pofile(str(target)) if target.exists() else []
            catalogue = merge(template, {e.msgid: e.msgstr for e in old if not e.obsolete}, *known)
            if update:
                _save(template, target.with_name(f"{module}.pot"))
                _save(catalogue, target)
            lines = problems(catalogue)
            bad += len(lines)
            print(f"{module}: {len(catalogue)} texts, {len(lines)} to do", *lines, sep="\n  ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
