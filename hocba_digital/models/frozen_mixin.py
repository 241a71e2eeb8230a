"""Rows that nobody may change any more, not even an administrator or a careless SQL script."""

import json

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: Identity of the only caller that may write guarded fields. It is a Python object, so no context
#: that arrives over RPC can carry it.
TRANSITION = object()

_FUNCTIONS = """
CREATE OR REPLACE FUNCTION hocba_guard_row() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE
    rule jsonb := TG_ARGV[0]::jsonb;
    was jsonb := to_jsonb(OLD);
    now jsonb;
    open_column text;
BEGIN
    IF NOT (rule->'states') ? (was->>(rule->>'column')) THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'hocba: row % of % is closed and cannot be deleted', was->>'id', TG_TABLE_NAME;
    END IF;
    now := to_jsonb(NEW);
    IF (rule->'moves') ? concat(was->>(rule->>'column'), '>', now->>(rule->>'column')) THEN
        now := jsonb_set(now, ARRAY[rule->>'column'], was->(rule->>'column'));
    END IF;
    FOR open_column IN SELECT jsonb_array_elements_text(rule->'open') LOOP
        was := was - open_column;
        now := now - open_column;
    END LOOP;
    FOR open_column IN SELECT jsonb_array_elements_text(COALESCE(rule->'once', '[]')) LOOP
        IF was->>open_column IS NULL THEN
            was := was - open_column;
            now := now - open_column;
        END IF;
    END LOOP;
    IF was IS DISTINCT FROM now THEN
        RAISE EXCEPTION 'hocba: row % of % is closed and cannot be changed', was->>'id', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $guard$;

CREATE OR REPLACE FUNCTION hocba_guard_child() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE
    rule jsonb := TG_ARGV[0]::jsonb;
    closed boolean;
    was jsonb := to_jsonb(OLD);
    now jsonb;
    open_column text;
BEGIN
    EXECUTE format('SELECT %I = ANY($1) FROM %I WHERE id = $2', rule->>'column', rule->>'parent')
        INTO closed
        USING ARRAY(SELECT jsonb_array_elements_text(rule->'states')), (was->>(rule->>'link'))::int;
    IF NOT COALESCE(closed, false) THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'hocba: row % of % belongs to a closed record and cannot be deleted', was->>'id', TG_TABLE_NAME;
    END IF;
    now := to_jsonb(NEW);
    FOR open_column IN SELECT jsonb_array_elements_text(rule->'open') LOOP
        was := was - open_column;
        now := now - open_column;
    END LOOP;
    IF was IS DISTINCT FROM now THEN
        RAISE EXCEPTION 'hocba: row % of % belongs to a closed record and cannot be changed', was->>'id', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $guard$;

CREATE OR REPLACE FUNCTION hocba_guard_always() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    RAISE EXCEPTION 'hocba: rows of % can only be added', TG_TABLE_NAME;
END $guard$;
"""

#: Columns of any table that say nothing about the row's content.
_HOUSEKEEPING = ["write_uid", "write_date", "message_main_attachment_id"]


class FrozenMixin(models.AbstractModel):
    """Closes rows in the ORM and in PostgreSQL once they reach one of ``_frozen_states``.

    A model sets ``_frozen_states`` (values of ``_frozen_column``), ``_frozen_open`` (fields that may
    still change), ``_frozen_once`` (fields that the model's own methods may fill once), ``_frozen_moves``
    (allowed changes of the state itself) and ``_kept_files`` (attachment-stored fields that only the
    model's own methods write, and that close with the row).
    With ``_append_only`` rows are closed from the moment they are written. With ``_by_methods_only`` rows are
    made and changed by the model's own methods (:meth:`_in_transition`) and never deleted.
    Plan 213, annex §2.2: after the closing the data can no longer be changed.
    """

    _name = "hocba.frozen.mixin"
    _description = "Rows closed for good"

    _frozen_column = "state"
    _frozen_states = ()
    _frozen_open = ()
    _frozen_once = ()
    _frozen_moves = ()
    _kept_files = ()
    _append_only = False
    _by_methods_only = False

    def init(self):
        super().init()
        if self._abstract or not self._auto:
            return
        self.env.cr.execute(_FUNCTIONS)
        if self._frozen_states:
            self._guard_table(self._table, "hocba_guard_row", self._frozen_rule())
            for name in self._kept_files:
                self._guard_attachments(name)
        for name in self._kept_files:
            self._guard_against_second_file(name)
        if self._append_only:
            self._guard_every_row(self._table)

    def _frozen_rule(self):
        return {
            "column": self._frozen_column,
            "states": list(self._frozen_states),
            "open": [*_HOUSEKEEPING, *self._frozen_open],
            "once": list(self._frozen_once),
            "moves": list(self._frozen_moves),
        }

    def _guard_table(self, table, function, rule, when="", suffix=""):
        trigger = f"{table}_hocba_closed{suffix}"
        self.env.cr.execute(
            SQL(
                "DROP TRIGGER IF EXISTS %(trigger)s ON %(table)s;"
                "CREATE TRIGGER %(trigger)s BEFORE UPDATE OR DELETE ON %(table)s FOR EACH ROW %(when)s"
                " EXECUTE FUNCTION %(function)s(%(rule)s);",
                trigger=SQL.identifier(trigger),
                table=SQL.identifier(table),
                when=SQL(when),
                function=SQL.identifier(function),
                rule=json.dumps(rule),
            )
        )
        if not when:
            self.env.cr.execute(
                SQL(
                    "DROP TRIGGER IF EXISTS %(trigger)s ON %(table)s;"
                    "CREATE TRIGGER %(trigger)s BEFORE TRUNCATE ON %(table)s EXECUTE FUNCTION hocba_guard_always();",
                    trigger=SQL.identifier(f"{table}_hocba_truncate"),
                    table=SQL.identifier(table),
                )
            )

    def _guard_every_row(self, table):
        """Rows of ``table`` can only be added."""
        self.env.cr.execute(
            SQL(
                "DROP TRIGGER IF EXISTS %(trigger)s ON %(table)s;"
                "CREATE TRIGGER %(trigger)s BEFORE UPDATE OR DELETE OR TRUNCATE ON %(table)s"
                " EXECUTE FUNCTION hocba_guard_always();",
                trigger=SQL.identifier(f"{table}_append_only"),
                table=SQL.identifier(table),
            )
        )

    def _guard_attachments(self, field_name):
        rule = {
            "parent": self._table,
            "link": "res_id",
            "column": self._frozen_column,
            "states": list(self._frozen_states),
            "open": [*_HOUSEKEEPING, "access_token", "index_content"],
        }
        when = f"WHEN (OLD.res_model = '{self._name}' AND OLD.res_field = '{field_name}')"
        self._guard_table("ir_attachment", "hocba_guard_child", rule, when, f"_{self._table}_{field_name}")

    def _guard_against_second_file(self, field_name):
        """No second file can be slipped under a row, not even by SQL: the newer one would be read."""
        self.env.cr.execute(
            SQL(
                "CREATE UNIQUE INDEX IF NOT EXISTS %(name)s ON ir_attachment (res_id)"
                " WHERE res_model = %(model)s AND res_field = %(field)s",
                name=SQL.identifier(f"{self._table}_{field_name}_one_file"),
                model=self._name,
                field=field_name,
            )
        )

    def _is_transition(self):
        return self.env.context.get("hocba_transition") is TRANSITION

    def _in_transition(self):
        """These rows, allowed to change their guarded fields. For the model's own methods only."""
        return self.with_context(hocba_transition=TRANSITION)

    def _store_kept_files(self, name, contents):
        """Store one file (bytes) a row behind the field ``name``, with as many queries for a thousand rows as for one.

        Writing the field does the same, with several queries a row.
        """
        self._check_open({name: True})
        model = self.env["ir.attachment"].sudo().with_context(hocba_transition=TRANSITION)
        content_of = dict(zip(self.ids, contents, strict=True))
        place = [("res_model", "=", self._name), ("res_field", "=", name)]
        files = model.search([*place, ("res_id", "in", self.ids)])
        files._set_attachment_data(lambda file: content_of[file.res_id])
        missing = content_of.keys() - set(files.mapped("res_id"))
        model.create(
            [
                {"name": name, "res_model": self._name, "res_field": name, "res_id": row_id, "raw": content_of[row_id]}
                for row_id in self.ids
                if row_id in missing
            ]
        )
        self.invalidate_recordset([name])

    @api.model_create_multi
    def create(self, vals_list):
        self._check_by_method()
        return super().create(vals_list)

    def write(self, vals):
        self._check_by_method()
        self._check_open(vals)
        return super().write(vals)

    def _model_label(self):
        return self.env["ir.model"].sudo()._get(self._name).name

    def _check_by_method(self):
        if self._by_methods_only and not self._is_transition():
            raise UserError(self._text_by_hand())

    def _text_by_hand(self):
        """Why a row of a model with ``_by_methods_only`` is neither entered nor edited by hand."""
        return self.env._("%(name)s: these rows are made by the system and never by hand.", name=self._model_label())

    def _text_deletion(self):
        """Why a row of a model with ``_by_methods_only`` is not deleted."""
        return self.env._("%(name)s: these rows are never deleted.", name=self._model_label())

    def _check_open(self, vals):
        if self._append_only and self and vals:
            raise UserError(
                self.env._(
                    "%(name)s: what is written here is never changed.",
                    name=self._model_label(),
                )
            )
        if not self._frozen_states or not vals:
            return
        closed = self.filtered(lambda row: row[self._frozen_column] in self._frozen_states)
        for row in closed:
            touched = {name for name in vals if name not in self._frozen_open}
            move = f"{row[self._frozen_column]}>{vals.get(self._frozen_column)}"
            if move in self._frozen_moves and self._is_transition():
                touched.discard(self._frozen_column)
            if self._is_transition():
                touched -= {name for name in self._frozen_once if not row[name]}
            if touched - _chatter_fields(self):
                raise UserError(
                    self.env._("%(name)s is closed and can no longer be changed by anyone.", name=row.display_name)
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_closed(self):
        if self._by_methods_only and self:
            raise UserError(self._text_deletion())
        if self._append_only and self:
            raise UserError(
                self.env._(
                    "%(name)s: what is written here is never deleted.",
                    name=self._model_label(),
                )
            )
        for row in self:
            if self._frozen_states and row[self._frozen_column] in self._frozen_states:
                raise UserError(self.env._("%(name)s is closed and cannot be deleted.", name=row.display_name))


def drop_attachment_guards(env, module):
    """Remove from ``ir_attachment`` what guards the kept files of every model that ``module`` (its name) brought."""
    tables = [
        model._table
        for model in env.values()
        if getattr(model, "_kept_files", ()) and not model._abstract and model._original_module == module
    ]
    for table in tables:
        env.cr.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'ir_attachment' AND indexname LIKE %s",
            [f"{table}\\_%\\_one\\_file"],
        )
        for (name,) in env.cr.fetchall():
            env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
        env.cr.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'ir_attachment'::regclass AND tgname LIKE %s",
            [f"ir_attachment_hocba_closed_{table}_%"],
        )
        for (name,) in env.cr.fetchall():
            env.cr.execute(SQL("DROP TRIGGER %s ON ir_attachment", SQL.identifier(name)))


def _chatter_fields(model):
    """Fields of discussion and planning, which say nothing about the row's content."""
    return {name for name in model._fields if name.startswith(("message_", "activity_", "website_message"))}
