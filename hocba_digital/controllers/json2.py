"""Programs for administrative procedures call their own methods over JSON-2 and nothing else."""

from werkzeug.exceptions import Forbidden

from odoo import http
from odoo.addons.rpc.controllers.json2 import WebJson2Controller
from odoo.http import request
from odoo.tools import frozendict

_ALLOWED = {("hocba.procedure", "verify"), ("hocba.procedure", "fetch_record")}


class NarrowJson2Controller(WebJson2Controller):
    """The same endpoint; whoever has the group of procedures gets two methods."""

    @http.route()
    def web_json_2_rpc(self, __model__, __method__, ids=(), context=frozendict(), **kwargs):  # noqa: B008
        if request.env.user.has_group("hocba_digital.group_procedure") and (__model__, __method__) not in _ALLOWED:
            raise Forbidden(request.env._("This key is for administrative procedures only."))
        return super().web_json_2_rpc(__model__, __method__, ids=ids, context=context, **kwargs)
