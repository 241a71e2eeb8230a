from . import (
    test_access_rights,
    test_answers,
    test_attachments,
    test_certificate,
    test_closing,
    test_intake,
    test_locking,
    test_processing,
    test_rights,
    test_wire,
)
