from . import (
    certificate_wizard,
    import_line,
    import_wizard,
    import_pupils,
    import_results,
    reason_wizard,
    send_wizard,
    staff_wizard,
)
