from . import (
    ir_module_module,
    unit,
    token,
    certificate,
    year,
    closing,
    transaction,
    line,
    record,
    intake,
    processing,
)
