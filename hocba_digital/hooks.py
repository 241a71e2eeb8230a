"""What the database needs besides the application's own tables, and what is taken back when it is uninstalled."""

from .models.frozen_mixin import drop_attachment_guards


def post_init_hook(env):
    """Make Vietnamese available: records name countries and ethnic groups in it, whatever the users' languages."""
    language = env["res.lang"].with_context(active_test=False).search([("code", "=", "vi_VN")])
    if not language.active:
        env["base.language.install"].create({"lang_ids": [(6, 0, language.ids)], "overwrite": False}).lang_install()


def uninstall_hook(env):
    """Remove the guards of the attachments and the counters of copies; those of our tables go with the tables."""
    drop_attachment_guards(env, "hocba_digital")
    env["hocba.issuance"]._drop_sequences()
