"""What the database keeps outside the application's own tables, taken back when it is uninstalled."""

from odoo.addons.hocba_digital.models.frozen_mixin import drop_attachment_guards


def uninstall_hook(env):
    """Remove the guards of the attachments; those of our tables go with the tables."""
    drop_attachment_guards(env, "hocba_registry")
