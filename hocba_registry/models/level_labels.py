"""At the ministry those who report are departments: labels that say "school" of them at a department's say so."""

from lxml import etree

from odoo import api, models

#: What speaks of a record's own school, at the ministry too.
_OF_SCHOOLS = ("school_name", "school_code", "by_school")


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """As the base method, in the words of the level."""
        found = super().fields_get(allfields, attributes)
        words = self._level_words()
        for name, description in found.items() if words else ():
            for part in ("string", "help"):
                if part in description and name not in _OF_SCHOOLS:
                    description[part] = words.get(description[part], description[part])
        return found

    @api.model
    def get_view(self, view_id=None, view_type="form", **options):
        """As the base method, in the words of the level."""
        found = super().get_view(view_id, view_type, **options)
        words = self._level_words()
        if not words:
            return found
        arch = etree.fromstring(found["arch"])
        for node in arch.iter(etree.Element):
            if node.get("name") in _OF_SCHOOLS:
                continue
            for part in ("string", "placeholder", "title"):
                if node.get(part) in words:
                    node.set(part, words[node.get(part)])
        return {**found, "arch": etree.tostring(arch, encoding="unicode")}

    def _level_words(self):
        """What a label says at a department's -> what it says here; empty where nothing changes."""
        if not self._name.startswith("hocba.registry.") or self.env["hocba.registry.intake"]._level() != "bo":
            return {}
        return {
            self.env._("School"): self.env._("Department"),
            self.env._("Schools"): self.env._("Departments"),
            self.env._("All schools"): self.env._("All departments"),
            self.env._("Empty: all schools."): self.env._("Empty: all departments."),
            self.env._("School code"): self.env._("Department code"),
            self.env._("Schools report before"): self.env._("Departments report before"),
            self.env._("Days left for schools"): self.env._("Days left for departments"),
            self.env._("Schools that reported"): self.env._("Departments that reported"),
            self.env._("Schools that reported nothing"): self.env._("Departments that reported nothing"),
            self.env._("Schools with records missing"): self.env._("Departments with records missing"),
            self.env._("The school's reason"): self.env._("The reason given"),
        }
