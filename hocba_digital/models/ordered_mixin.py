from odoo import models
from odoo.tools import SQL


class OrderedMixin(models.AbstractModel):
    """Groups by a selection come as the selection lists its values (steps in their order), not by their codes.

    For tables that are grouped, pivoted and drawn; without it a record "to be sent" would stand before "being signed".
    """

    _name = "hocba.ordered.mixin"
    _description = "Groups in the order of a selection"

    def _read_group_orderby(self, order, groupby_terms, query):
        placed = {
            name: SQL("array_position(%s::varchar[], %s)", self._fields[name].get_values(self.env), term)
            for name, term in groupby_terms.items()
            if name in self._fields and self._fields[name].type == "selection"
        }
        terms = {**groupby_terms, **placed}
        ordered = super()._read_group_orderby(order, terms, query)
        # Odoo adds to the terms of many2one fields what it orders them by; those of selections stay as they were.
        groupby_terms.update({name: term for name, term in terms.items() if name not in placed})
        return ordered
