import hashlib
import hmac
import logging
import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import str2bool

from ..core import lookup, packet, signing

_logger = logging.getLogger(__name__)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: States of a record that outsiders may ask about: it was reported, so its signatures are complete.
_PUBLIC = ("submitted", "locked", "transferred", "recalled")
# A draft that ended because its pupil left was never issued: nobody signed a packet of it.
_PUBLIC_DOMAIN = [("state", "in", _PUBLIC), ("packet_digest", "!=", False)]


@dataclass(frozen=True)
class Found:
    """A record that may be looked up: ``standing`` is a key of :meth:`Lookup._standings`."""

    record: models.BaseModel
    standing: str
    since: datetime | None = None


class Lookup(models.AbstractModel):
    """Answers to whoever holds a record's code (plan 213, annex §2.3). Everything shown is read from the packet.

    Unknown codes, codes of records that are not public, and wrong factors take the same way through this class: the
    same queries, one packet read, one row logged.
    """

    _name = "hocba.lookup"
    _description = "Look-up of Records"

    # What is public ---------------------------------------------------------------------------------------------

    @api.model
    def _is_open(self):
        parameter = self.env["ir.config_parameter"].sudo().get_param("hocba_digital.lookup")
        return str2bool(parameter or "true", False)

    @api.model
    def _find(self, uuid):
        """The public record of this code (lower-case text), or None."""
        record = self.env["hocba.record"].sudo().search([("uuid", "=", uuid), *_PUBLIC_DOMAIN], limit=1)
        if not record:
            return None
        if record.state == "recalled":
            return Found(record, "recalled")
        closed = record.state in ("locked", "transferred")
        return Found(record, "locked" if closed else "reported", record.effective_on if closed else None)

    @api.model
    def _decoy(self):
        """Any public record, to be read where there is none of the code asked for; None in an empty database."""
        return self.env["hocba.record"].sudo().search(_PUBLIC_DOMAIN, order="id", limit=1) or None

    def _standings(self):
        """Standing -> (whether the record counts, what is said of it)."""
        return {
            "reported": (True, self.env._("Reported to the department; the school year is not closed yet.")),
            "locked": (True, self.env._("In force: the school year is closed.")),
            "superseded": (False, self.env._("Replaced by an amended record: this one is no longer the current one.")),
            "recalled": (False, self.env._("Withdrawn by the school: this record is no longer valid.")),
        }

    # The two steps ----------------------------------------------------------------------------------------------

    @api.private
    def _summary(self, uuid, address):
        """(Decision, summary or None) of the first view: validity, school, school year, initials."""
        now = datetime.now(UTC)
        with self._own_transaction() as own:
            decision = own._counted({"views": lookup.network_of(address)}, lookup.VIEWS, now)
        if not decision.allowed:
            return decision, None
        found = self._find(uuid) if self._is_open() and _UUID.fullmatch(uuid) else None
        if found is None:
            return decision, None
        with self._own_transaction() as own:
            own._log(uuid, found, "summary", "code", address, self.env.uid)
        return decision, self._described(found)

    @api.private
    def _full(self, uuid, birth_date, digits, address, share=None, pin=None):
        """(Decision, summary and record or None) of the second view.

        The second factor is birth date and last digits, or the code of a share link and its PIN.
        """
        now, keys = datetime.now(UTC), self._guess_keys(uuid, address)
        with self._own_transaction() as own:
            decision = own._counted(keys, lookup.GUESSES, now)
        if not decision.allowed:
            return decision, None
        found = self._find(uuid) if self._is_open() and _UUID.fullmatch(uuid) else None
        record = found.record if found else self._decoy()
        data = self._data_of(record) if record else None
        factor = lookup.read_factor(birth_date, digits)
        link = self._share_for(found, share, pin)
        right = bool(data and found and (link or (factor and factor.matches(data))))
        with self._own_transaction() as own:
            if right:
                own._taken_back(keys, now)
            means = "share" if share else "factor"
            own._log(uuid, found, "record" if right else "miss", means, address, self.env.uid, share_id=link.id)
        return decision, {**self._described(found), "record": lookup.public_record(data)} if right else None

    @api.private
    def _account(self, uuid, address):
        """Summary and record for who is signed in here and may read it; None for everybody else."""
        found = self._find(uuid) if _UUID.fullmatch(uuid) else None
        if self.env.user._is_public() or found is None:
            return None
        if not self._may_read(found.record):
            return None
        data = self._data_of(found.record)
        if data is None:
            return None
        with self._own_transaction() as own:
            own._log(uuid, found, "record", "account", address, self.env.uid)
        return {**self._described(found), "record": lookup.public_record(data)}

    def _may_read(self, record):
        return record.with_user(self.env.user).sudo(False).has_access("read")

    @api.private
    def _file_allowed(self, address):
        """Decision on the check of one more file from this address."""
        with self._own_transaction() as own:
            return own._counted({"files": lookup.network_of(address)}, lookup.FILES, datetime.now(UTC))

    # Reading the packet -----------------------------------------------------------------------------------------

    def _described(self, found):
        """What the first view shows: {uuid, valid, standing, since, school, year, initials, signatures, reasons}."""
        counts, said = self._standings()[found.standing]
        report = self._report(found.record)
        data = report.data if report else None
        result = report.result if report else signing.TOTAL_FAILED
        since = found.since and fields.Datetime.context_timestamp(self.with_context(tz="Asia/Ho_Chi_Minh"), found.since)
        return {
            "uuid": found.record.uuid,
            "valid": counts and result == signing.TOTAL_PASSED,
            "undecided": counts and result == signing.INDETERMINATE,
            "standing": said,
            "since": since and f"{since:%d/%m/%Y}",
            "school": data.school_name if data else "",
            "year": data.school_year if data else "",
            "initials": lookup.initials(data.pupil_name) if data else "",
            "signatures": self._signatures(report) if report else [],
        }

    def _signatures(self, report):
        return [
            {"name": line.signer_name, "at": line.signed_at and f"{line.signed_at:%d/%m/%Y}", "result": line.result}
            for line in report.signatures
        ]

    def _report(self, record):
        """``PacketReport`` of the stored packet; None when the stored bytes are not those that were signed."""
        return record._verification_if_readable()

    def _data_of(self, record):
        try:
            return packet.get_profile(record.profile).parse(record._packet_bytes()).data
        except (UserError, packet.PacketError):
            _logger.exception("the packet of %s cannot be read", record.uuid)
            return None

    # Counting and logging: on the primary, in transactions of their own -------------------------------------------

    @contextmanager
    def _own_transaction(self):
        """This service in a short transaction that sees what other workers committed; pages are read on a replica."""
        with self.env.registry.cursor() as cr:
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            yield api.Environment(cr, SUPERUSER_ID, {})[self._name]

    def _counted(self, keys, limits, now):
        return self.env["hocba.lookup.counter"]._count(self._digests(keys), limits, now)

    def _taken_back(self, keys, now):
        self.env["hocba.lookup.counter"]._take_back(self._digests(keys), lookup.GUESSES, now)

    @api.private
    def _forget_misses(self, uuid):
        """Somebody responsible allows guesses at this record again."""
        keys = self.sudo()._digests(dict.fromkeys(("record", "record_ever"), uuid))
        self.env["hocba.lookup.counter"].sudo().search([("key", "in", list(keys.values()))]).unlink()

    def _guess_keys(self, uuid, address):
        return {"address": lookup.network_of(address), "all": "all", "record": uuid, "record_ever": uuid}

    def _digests(self, keys):
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret").encode()
        return {
            scope: hmac.new(secret, f"{scope}:{key}".encode(), hashlib.sha256).hexdigest()[:32]
            for scope, key in keys.items()
        }

    def _log(self, uuid, found, outcome, means, address, user_id, **more):
        user = self.env["res.users"].browse(user_id)
        self.env["hocba.lookup.log"].create(
            {
                "at": fields.Datetime.now(),
                "uuid": uuid,
                "outcome": outcome,
                "means": means,
                "address": lookup.mask_address(address),
                "user_id": False if user._is_public() else user.id,
                **self._log_target(found.record if found else None),
                **more,
            }
        )

    def _log_target(self, record):
        """Columns of the log that name the record."""
        if record is None:
            return {}
        record = record.with_env(self.env)
        return {"record_id": record.id, "company_id": record.company_id.id}
