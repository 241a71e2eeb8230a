"""What schedule and button do: ask the gateway, send what waits, take what is there. No call holds a row."""

import hashlib
import logging
import random
import time
import uuid
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..core.gateway import TRANSFERS, GatewayError, encode_content

_logger = logging.getLogger(__name__)

#: Hand-overs that ended longer ago are not asked for any more; those that are open always are.
_LOOK_BACK = timedelta(days=400)
_TRIES = 6


class TransferExchange(models.Model):
    _inherit = "hocba.transfer.step"

    @api.model
    def _cron_exchange(self):
        """Every school whose gateway offers it: send, ask, take. Never raises."""
        try:
            endpoints = self.env["hocba.endpoint"].sudo().search(self._endpoint_domain())
            for done, endpoint in enumerate(endpoints, 1):
                self._exchange(endpoint)
                if not self.env["ir.cron"]._commit_progress(1, remaining=len(endpoints) - done):
                    break
        except Exception:
            self.env.cr.rollback()
            _logger.exception("changes of school were not exchanged with the gateway; the schedule tries again")

    def _endpoint_domain(self):
        """Real gateways over the network that may be called now."""
        endpoints = self.env["hocba.endpoint"].sudo()
        closed = endpoints.search(endpoints._closed_domain(fields.Datetime.now()))
        real = [("environment", "=", "production"), ("transport", "=", "wire"), ("send_automatically", "=", True)]
        return [*real, ("id", "not in", closed.ids)]

    @api.model
    @api.private
    def _exchange(self, endpoint, force=False):
        """One round with the gateway of ``endpoint``; ``force``: also steps whose next try is not due.

        Returns what went wrong, for people; None when nothing did.
        """
        try:
            with endpoint._client() as client:
                return self._round(endpoint, client, force)
        except UserError as error:
            return str(error)
        except GatewayError as error:
            _logger.info("changes of school: %s (%s)", error.message, error.code)
            return f"{error.message} {error.advice}"
        except Exception:
            _logger.exception("changes of school of %s were not exchanged", endpoint.company_id.id)
            return self.env._("Something went wrong; the schedule tries again.")

    def _round(self, endpoint, client, force):
        client.get_token()
        offered = TRANSFERS in client.extensions
        if endpoint.transfers_offered != offered:
            self._apart(endpoint, "_note_transfers_offered", offered)
        if not offered:
            return self.env._("The department's gateway does not pass changes of school on. Use the file.")
        rows = self._ask(client)
        if self._send_waiting(endpoint, client, rows, force):
            rows = self._ask(client)
        for row in rows.values():
            self._take(endpoint, client, row)
        return None

    def _ask(self, client):
        since = (fields.Datetime.now() - _LOOK_BACK).isoformat(timespec="seconds") + "+00:00"
        answer = client.ask("8", str(uuid.uuid4()), "", (("tu_luc", since),))
        if answer.code != "00":
            raise GatewayError("receiver", answer.code, answer.description)
        return {row.number: row for row in answer.rows}

    def _send_waiting(self, endpoint, client, rows, force):
        """Send what is due; what the gateway has already (``rows``) is only noted. Whether anything was answered."""
        due = [] if force else [("next_try_at", "<=", fields.Datetime.now())]
        waiting = self.sudo().search([("company_id", "=", endpoint.company_id.id), ("state", "=", "waiting"), *due])
        answered = False
        for step in waiting:
            frozen = self._apart(step, "_frozen_bytes")
            if not frozen:
                continue
            number, name, digest, content = frozen
            if number in rows and rows[number].digests.get(name) == digest:
                self._apart(step, "_settle", "00", "")
                continue
            try:
                answer = client.deliver("7", number, "", encode_content(content), (("thao_tac", name),))
                code, text = answer.code, answer.description
            except GatewayError as error:
                if error.kind != "data":
                    self._apart(step, "_fail", f"{error.message} {error.advice}")
                    continue
                code, text = error.code, error.message
            self._apart(step, "_settle", code, text)
            answered = True
        return answered

    def _take(self, endpoint, client, row):
        """What the gateway says of one hand-over; what goes wrong with it holds up no other."""
        model = self.env["hocba.transfer"].with_company(endpoint.company_id)
        try:
            wanted = self._apart(model, "_document_wanted", row)
            content = None
            if wanted:
                content = client.ask("8", row.number, "", (("tai_lieu", wanted),)).content
                if not content or hashlib.sha256(content).hexdigest() != row.digests.get(wanted):
                    _logger.warning("the gateway gave another document (%s) of %s than it named", wanted, row.number)
                    return
            self._apart(model, "_take_row", row, content)
        except UserError as error:
            self._apart(model, "_note_row_trouble", row, str(error))
        except GatewayError as error:
            _logger.info("document of %s: %s", row.number, error.message)
        except Exception:
            _logger.exception("what the gateway says of %s could not be taken; it is asked again", row.number)

    def _apart(self, rows, method, *args):
        """A method of ``rows`` in a transaction committed at its end; again when others got in between."""
        for tried in range(_TRIES):
            try:
                with self.env.registry.cursor() as cr:
                    company = rows.env.company if not rows else rows[:1].company_id
                    context = {"lang": "vi_VN", "allowed_company_ids": company.ids}
                    env = api.Environment(cr, SUPERUSER_ID, context)
                    return getattr(env[rows._name].browse(rows.ids), method)(*args)
            except (LockError, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
                if tried == _TRIES - 1:
                    raise
                time.sleep(random.uniform(0, 0.05 * 2**tried))
        return None
