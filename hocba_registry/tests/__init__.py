from . import test_access_rights, test_closing, test_intake
