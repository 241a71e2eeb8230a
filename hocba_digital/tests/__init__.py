from . import (
    test_access_rights,
    test_assessment,
    test_certificate,
    test_event,
    test_frozen,
    test_import,
    test_multicompany,
    test_neutralize,
    test_queries,
    test_record,
    test_signing,
    test_translation,
)
