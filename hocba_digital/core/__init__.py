"""Rules, packet, signatures and wire of the digital school record, free of Odoo.

Loaded as ``odoo.addons.hocba_digital.core`` inside Odoo and as ``hocba_core`` everywhere else, so
every import in here is relative.
"""
