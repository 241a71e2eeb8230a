from . import certificate_wizard, reason_wizard, send_wizard, staff_wizard
