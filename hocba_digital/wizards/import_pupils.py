from datetime import date

from odoo import models

from .. import workbook
from ..models.pupil import WORKBOOK_FIELDS
from ..workbook.text import clean, fold
from .import_wizard import Plan


class ImportPupils(models.TransientModel):
    _inherit = "hocba.import.wizard"

    def _plan_pupils(self):
        """Compare the pupils of the workbook with the school's."""
        read = self._read_pupils()
        plan = Plan(problems=list(read.problems), layout=read.layout, left_out=read.bad_rows)
        if read.fatal:
            return plan
        classes = {fold(school_class.name): school_class for school_class in self._classes()}
        pupils = self._pupils_of(read.rows)
        current = self._current_enrolments(self.env["hocba.pupil"].concat(*pupils.values()))
        catalogue = self._catalogue(read.rows)
        for row in read.rows:
            pupil = pupils.get(row.code, self.env["hocba.pupil"])
            enrolment = current.get(pupil.id, self.env["hocba.enrolment"])
            if row.values.get("status") in ("left", "dropped"):
                self._plan_leaving(plan, row, pupil, enrolment)
                continue
            work = {
                "pupil": pupil,
                "values": self._changed_values(plan, read, row, pupil, catalogue),
                "enrolment": enrolment,
                "class": classes[fold(row.values["class_name"])],
                "date_from": self._date_from(plan, read, row, enrolment),
                "history": self._new_history(pupil, row, enrolment),
            }
            if not pupil:
                plan.new.append((row, work))
            elif work["values"] or not enrolment or work["date_from"] or work["history"]:
                plan.changed.append((row, work))
            else:
                plan.unchanged.append((row, work))
        return plan

    def _pupils_of(self, rows):
        """Code -> pupil, archived ones included."""
        found = (
            self.env["hocba.pupil"]
            .with_context(active_test=False)
            .search([("company_id", "=", self.company_id.id), ("code", "in", [row.code for row in rows])])
        )
        return {pupil.code: pupil for pupil in found}

    def _catalogue(self, rows):
        names = {row.values["ethnicity"] for row in rows if "ethnicity" in row.values}
        codes = {row.values["nationality"] for row in rows if "nationality" in row.values}
        return {
            "ethnicity": {
                line.name: line for line in self.env["hocba.ethnicity"].search([("name", "in", list(names))])
            },
            "nationality": {line.code: line for line in self.env["res.country"].search([("code", "in", list(codes))])},
        }

    def _read_pupils(self):
        return workbook.read_pupils(self._content(), self._known(self.class_id))

    def _changed_values(self, plan, read, row, pupil, catalogue):
        """Field -> value of what the row changes in the pupil, or states of a new one."""
        stored = self._stored_values(pupil)
        changed = {}
        for name in (*WORKBOOK_FIELDS, "ethnicity", "nationality"):
            new, old = row.values.get(name), (row.before or {}).get(name)
            writes, value = plan.merge(
                self, read, row, name, new, stored.get(name), old, bool(pupil) and row.before is not None
            )
            if not writes:
                continue
            if name in catalogue:
                changed[f"{name}_id"] = catalogue[name][value].id if value else False
            else:
                changed[name] = value or False
        if changed.get("id_number") and pupil.no_id_reason:
            changed["no_id_reason"] = False
        return self._without_held(plan, read, row, pupil, changed)

    def _without_held(self, plan, read, row, pupil, changed):
        """Identity of a pupil with a signed record changes by a decision only: the row says so, the rest goes in."""
        held = pupil._held_changes(changed).get(pupil, ())
        for name in held:
            key = name.removesuffix("_id")
            letter, header = read.columns.get(key, (None, None))
            params = {"stored": pupil._shown(self.env, name, pupil[name]) or ""}
            plan.problems.append(workbook.Problem("identity_held", "warn", row.sheet, row.row, letter, header, params))
        return {name: value for name, value in changed.items() if name not in held}

    def _stored_values(self, pupil):
        """What is stored of a pupil, in the terms of the reader."""
        values = {name: pupil[name] for name in WORKBOOK_FIELDS if pupil[name]}
        if pupil.ethnicity_id:
            values["ethnicity"] = pupil.ethnicity_id.name
        if pupil.nationality_id:
            values["nationality"] = pupil.nationality_id.code
        return {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}

    def _date_from(self, plan, read, row, enrolment):
        """First day in the class where it is new or differs; None when it stays."""
        stated = row.values.get("date_from")
        if stated is None and row.values.get("status") == "arrived":
            stated = row.values.get("status_date")
        if not enrolment:
            return stated or self.school_year_id.date_start
        old = (row.before or {}).get("date_from")
        writes, value = plan.merge(
            self, read, row, "date_from", stated, enrolment.date_from, old, row.before is not None and bool(stated)
        )
        return value if writes else None

    def _new_history(self, pupil, row, enrolment):
        """Former years that are not there yet, or stand there with another date: (enrolment or empty, line)."""
        known = {
            (line.school_year_name, fold(line.class_name), fold(line.school_name)): line for line in pupil.enrolment_ids
        }
        found = []
        for line in row.history:
            stored = known.get((line.school_year, fold(line.class_name), fold(line.school_name)))
            if stored and (stored == enrolment or stored.date_from == line.arrived_on):
                continue
            found.append((stored or self.env["hocba.enrolment"], line))
        return found

    def _plan_leaving(self, plan, row, pupil, enrolment):
        """A pupil who left: end the enrolment if there is one, otherwise leave the row out and say so."""
        if enrolment:
            plan.changed.append((row, {"pupil": pupil, "enrolment": enrolment, "leaving": row.values["status"]}))
            return
        words = {"left": "Chuyển đi", "dropped": "Thôi học"}
        params = {"value": words[row.values["status"]]}
        plan.problems.append(workbook.Problem("status_left", "warn", row.sheet, row.row, params=params))

    def _apply_pupils(self, plan):
        created = self.env["hocba.pupil"].create(
            [{**work["values"], "code": row.code, "company_id": self.company_id.id} for row, work in plan.new]
        )
        for pupil, (_row, work) in zip(created, plan.new, strict=True):
            work["pupil"] = pupil
        enrolments = []
        for row, work in (*plan.new, *plan.changed):
            if work.get("leaving"):
                end = row.values.get("status_date") or self.school_year_id.date_end
                end = max(end, work["enrolment"].date_from)
                work["enrolment"].with_env(self.env).write({"date_to": end, "end_reason": work["leaving"]})
                continue
            if row.code and work["pupil"] not in created and work["values"]:
                work["pupil"].write(work["values"])
            enrolments += self._enrolment_values(work)
        self.env["hocba.enrolment"].create(enrolments)

    def _end_of(self, line, work):
        """How a former line ended: with its school year, or when the pupil came here."""
        if line.school_year != self.school_year_id.name:
            end = date(int(line.school_year[5:]), 5, 31)
            return {"date_to": max(end, line.arrived_on), "end_reason": "year_end"}
        arrived = work["date_from"] or work["enrolment"].date_from
        return {"date_to": max(arrived, line.arrived_on), "end_reason": "left"}

    def _enrolment_values(self, work):
        """Values of the enrolments to create; those that only got another date are written here."""
        values = []
        for stored, line in work["history"]:
            if stored:
                stored.date_from = line.arrived_on
            else:
                values.append(
                    {
                        "pupil_id": work["pupil"].id,
                        "school_year_name": line.school_year,
                        "class_name": line.class_name,
                        "school_name": line.school_name,
                        "date_from": line.arrived_on,
                        **self._end_of(line, work),
                    }
                )
        if not work["enrolment"]:
            values.append({"pupil_id": work["pupil"].id, "class_id": work["class"].id, "date_from": work["date_from"]})
        elif work["date_from"]:
            work["enrolment"].with_env(self.env).date_from = work["date_from"]
        return values
