"""How many records a second are printed on two cores as finished, checked files, beside the bare PDF engine.

``bench_print.py [N]``: N signed one-year records (1,500 unless told) of grade 4 with a remark of one or two lines in
every subject, rendered by the add-on's service from their packets inside a real Odoo. The limit is the engine alone on
the same pages: two processes at a time, groups of the same size, no footers, no splitting, no checks.
"""

import json
import os
import re
import sys
from pathlib import Path

_REPO = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_REPO / "host" / "lib")]

import hocba_host  # noqa: E402

_ROW = re.compile(r'^\{"name": "print".*\}$', re.MULTILINE)
_INSIDE = """
import json, resource, sys, tempfile, time, uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
repo, count = Path(%(repo)r), %(count)d
sys.path[:0] = [str(repo / "host" / "lib"), str(repo / "host"), str(repo / "tests")]
import strategies
from signing_helpers import PROFILE, School
from odoo.addons.hocba_digital.reports import form, pdf, print_service
remark = "Em chăm ngoan, hoàn thành tốt các nội dung học tập; cần mạnh dạn hơn khi trình bày ý kiến."
base = strategies.example()
base = replace(base, subjects=tuple(replace(line, comment=remark) for line in base.subjects), quality_comment=remark,
               general_competence_comment=remark, specific_competence_comment=remark)
records = [replace(base, uuid=str(uuid.uuid4()), pupil_name=f"Nguyễn Thị Học Sinh {n}") for n in range(count)]
school = School(Path(tempfile.mkdtemp()))
packets = school.sign([PROFILE.build_data(record) for record in records])
service = env["hocba.print"]
service._render_packets(packets[:2])
start = time.perf_counter()
files = service._render_packets(packets)
elapsed = time.perf_counter() - start
assert len(files) == count and all(record.uuid in pdf.page_texts(content)[0]
                                   for record, content in list(zip(records, files))[:: max(1, count // 20)])
engine = pdf.choose_engine()
style = print_service.FORM_CSS + engine.page_css()
bodies = [service._fragment(form.form_of_packet(packet), engine.breaks_rows) for packet in packets]
pages = [service._html("".join(bodies[at:at + pdf.batch.GROUP_SIZE]), style, "x")
         for at in range(0, count, pdf.batch.GROUP_SIZE)]
begin = time.perf_counter()
with ThreadPoolExecutor(pdf.batch.PROCESSES) as pool:
    list(pool.map(lambda page: pdf.engine.render_html(engine, page), pages))
bare = time.perf_counter() - begin
peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
print(json.dumps({"name": "print", "value": round(count / elapsed, 1), "unit": "records/s",
                  "limit": round(count / bare, 1), "ratio": round(bare / elapsed, 3), "n": count,
                  "peak_mb": round(peak, 1)}))
"""


def bench_print(count: int = 1500) -> dict:
    """The row of ``count`` records."""
    name = hocba_host.create_database(f"bench_print_{os.getpid()}", ["hocba_digital"])
    try:
        script = _INSIDE % {"repo": str(_REPO), "count": count}
        log = hocba_host.run_odoo(name, "shell", "--no-http", stdin=script)
    finally:
        hocba_host.drop_database(name)
    found = _ROW.search(log)
    if not found:
        raise RuntimeError(f"no result:\n{log[-4000:]}")
    return json.loads(found[0])


def main() -> None:
    """Print the row."""
    print(json.dumps(bench_print(*map(int, sys.argv[1:2]))))


if __name__ == "__main__":
    main()
