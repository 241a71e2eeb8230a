from . import (
    closing_wizard,
    custody_wizard,
    file_wizard,
    file_wizard_line,
    recall_refusal,
    recall_upward,
    upward_wizard,
)
