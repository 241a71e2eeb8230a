from . import (
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
