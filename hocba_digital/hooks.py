"""What the database keeps outside the application's own tables, taken back when it is uninstalled."""

from .models.frozen_mixin import drop_attachment_guards


def uninstall_hook(env):
    """Remove the guards of the attachments; those of our tables go with the tables."""
    for table in ("hocba_record", "hocba_submission"):
        drop_attachment_guards(env, table)
