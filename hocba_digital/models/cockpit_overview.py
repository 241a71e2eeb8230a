"""What the first screen of head and clerk shows, read with a number of queries that does not grow with the school."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import groupby

from ..core.rules import deadlines, pace
from .cockpit_roles import ROLES
from .cockpit_sql import DONE, PACE, PEOPLE, STAGES, quoted

_OFFICES = {role.code: role.group for role in ROLES if role.group and role.person.startswith("NULL")}
_UNISSUED = ("none", "blocked", "signing")
#: Columns that are shown only when they hold a number.
_RARE = ("signing.gvbm", "unknown", "failed", "refused")


class CockpitOverview(models.Model):
    _inherit = "hocba.cockpit"

    @api.model
    @api.readonly
    def overview(self, year=None):
        """Everything the screen needs, for the schools chosen in the client and what the user may read of them.

        :return: ``{"year", "years", "can_open", "may_set", "columns": [{"key", "label"}], "cards": [...],
            "people": [...], "classes": [...]}``. A card is one deadline of a school: ``{"key", "counts": {column: n},
            "total", "done", "days_left", "risk", "finish", "pace", "oldest", "steps", ...}``.
        """
        self.check_access("read")
        years = self._year_names()
        year = year if year in years else self._current_year(years)
        rows = self._rows(year)
        measured = self._measured({row["class_id"] for row in rows})
        cards = self._cards(rows, measured)
        return {
            "year": year,
            "years": years,
            "can_open": self.env["hocba.record"].has_access("read"),
            "may_set": self.env["hocba.deadline"].has_access("create"),
            "several": len({card["company_id"] for card in cards}) > 1,
            "columns": self._columns(rows),
            "cards": cards,
            "people": self._people(rows),
            "classes": [self._class(lines, measured) for _k, lines in _by(rows, "kind", "deadline", "class_id")],
        }

    def _year_names(self):
        groups = self.env["hocba.school.year"]._read_group(
            [("company_id", "in", self.env.companies.ids)], ["name"], order="name desc"
        )
        return [name for (name,) in groups]

    def _current_year(self, years):
        """The year under way, in summer the one that just ended: its records are what is due."""
        today = deadlines.local_date(fields.Datetime.now())
        begun = [name for name in years if deadlines.school_years(name)[today.month < 9] <= today.year]
        return (begun or years or [None])[0]

    def _rows(self, year):
        """The counts as dictionaries with names, in the order of deadline and class."""
        domain = [("school_year_id.name", "=", year), ("company_id", "in", self.env.companies.ids)]
        self.invalidate_model()  # rows of a view change under the cache
        names = ["company_id", "class_id", "school_year_id", "kind", "deadline", "stage", "role", "user_id"]
        rows = [
            {
                "company_id": line.company_id.id,
                "class_id": line.class_id.id,
                "kind": line.kind,
                "deadline": line.deadline,
                "stage": line.stage,
                "role": line.role,
                "pupils": line.pupils,
                "since": line.since,
                "column": line._column(),
                "class": line.class_id.sudo(),
                "user": line.user_id.sudo(),
                "year": line.school_year_id,
            }
            for line in self.search_fetch(domain, [*names, "pupils", "since"])
        ]
        return sorted(rows, key=lambda row: (row["company_id"], row["deadline"], row["class"].grade, row["class"].name))

    def _columns(self, rows):
        labels = dict(self._fields["stage"]._description_selection(self.env))
        found = {row["column"] for row in rows}
        signing = [f"signing.{role.code}" for role in ROLES if role.signs]
        signing += sorted(key for key in found if key.startswith("signing.") and key not in signing)
        keys = [key for stage, _label in STAGES for key in (signing if stage == "signing" else [stage])]
        return [
            {"key": key, "label": labels.get(key) or self._signing_label(key)}
            for key in keys
            if key in found or key not in _RARE
        ]

    def _signing_label(self, column):
        """A column's title: a role's name in the middle of a sentence."""
        role = column.partition(".")[2]
        name = self._role_labels().get(role, role)
        return self.env._("Waits for: %(role)s", role=f"{name[:1].lower()}{name[1:]}")

    def _role_labels(self):
        return dict(self._fields["role"]._description_selection(self.env))

    def _measured(self, class_ids):
        """{(class, "frozen" or "accepted"): {day: records}} over the longest window of the schools."""
        window = max(self.env.companies.sudo().mapped("hocba_pace_days"), default=7)
        today = deadlines.local_date(fields.Datetime.now())
        self.env["hocba.event"].flush_model()
        self.env.cr.execute(PACE, [today - timedelta(days=window), list(class_ids)])
        measured = {}
        for class_id, kind, day, count in self.env.cr.fetchall():
            measured.setdefault((class_id, kind), {})[day] = count
        return measured

    def _pace(self, lines, measured, kind):
        """Records a day that went through ``kind`` in the classes of these rows."""
        company = self.env["res.company"].sudo().browse(lines[0]["company_id"])
        done = {}
        for class_id in {row["class_id"] for row in lines}:
            for day, count in measured.get((class_id, kind), {}).items():
                done[day] = done.get(day, 0) + count
        return pace.rate(done, deadlines.local_date(fields.Datetime.now()), company.hocba_pace_days)

    def _figures(self, lines, measured):
        """How these rows stand against their common deadline."""
        company = self.env["res.company"].sudo().browse(lines[0]["company_id"])
        day, now = lines[0]["deadline"], fields.Datetime.now()
        today = deadlines.local_date(now)
        counts = {}
        for row in lines:
            counts[row["column"]] = counts.get(row["column"], 0) + row["pupils"]
        total = sum(counts.values())
        done = sum(counts.get(stage, 0) for stage in DONE)
        unissued = sum(row["pupils"] for row in lines if row["stage"] in _UNISSUED)
        issuing, accepting = (self._pace(lines, measured, kind) for kind in ("frozen", "accepted"))
        end = pace.projected([(unissued, issuing), (total - done, accepting)], today)
        last = deadlines.last_moment(day, inclusive=company.hocba_deadline_inclusive).date()
        left = (last - today).days
        return {
            "company_id": company.id,
            "kind": lines[0]["kind"],
            "day": fields.Date.to_string(day),
            "counts": counts,
            "total": total,
            "done": done,
            "days_left": left,
            "finish": fields.Date.to_string(end) if end and total > done else False,
            "issuing": issuing,
            "accepting": accepting,
            "unissued": unissued,
            "risk": pace.risk(total - done, left, end, last, company._hocba_thresholds()),
        }

    def _cards(self, rows, measured):
        return [self._card(key, lines, measured) for key, lines in _by(rows, "company_id", "kind", "deadline")]

    def _card(self, key, lines, measured):
        figures = self._figures(lines, measured)
        year = lines[0]["year"].sudo()
        company = year.company_id
        documents = year.deadline_ids.filtered(
            lambda line: line.kind == figures["kind"] and line.day == lines[0]["deadline"]
        )
        return {
            **figures,
            "key": "|".join(str(part) for part in key),
            "year_id": year.id,
            "title": dict(self._fields["kind"]._description_selection(self.env))[figures["kind"]],
            "company": company.name,
            "body": year._approving_body(),
            "grades": sorted({row["class"].grade for row in lines}) if documents[:1].grade else [],
            "source": documents[:1].source or False,
            "pace": self._pace_text(figures, company.hocba_pace_days),
            "oldest": self._oldest(lines),
            "steps": self._steps(figures["counts"]),
        }

    def _pace_text(self, figures, window):
        """What the expected end rests on, or why none can be named."""
        if figures["total"] == figures["done"]:
            return ""
        if figures["unissued"] and not figures["issuing"]:
            return self.env._("No expected end: no record was sealed in the last %(days)s days.", days=window)
        if not figures["accepting"]:
            return self.env._("No expected end: none was accepted in the last %(days)s days.", days=window)
        return self.env._(
            "At the pace of the last %(days)s days: %(issued)s sealed, %(accepted)s accepted a day.",
            days=window,
            issued=_shown(figures["issuing"]),
            accepted=_shown(figures["accepting"]),
        )

    def _oldest(self, lines):
        """The record that has waited longest: since when, for whom."""
        waiting = [row for row in lines if row["since"] and row["stage"] not in DONE]
        if not waiting:
            return False
        row = min(waiting, key=lambda row: row["since"])
        return {
            "days": self._days_since(row["since"]),
            "who": self._who(row["role"], row["user"], row["company_id"], row["year"]),
            "class": row["class"].name,
            "class_id": row["class_id"],
            "column": row["column"],
        }

    def _days_since(self, moment):
        return (deadlines.local_date(fields.Datetime.now()) - deadlines.local_date(moment)).days if moment else False

    def _who(self, role, user, company_id, year):
        """Role and person as one text: a person's name, the names of an office, or the approving body."""
        if role == "department":
            return year.sudo()._approving_body()
        label = self._role_labels().get(role, role)
        names = user.name or ", ".join(self._office(role, company_id).mapped("name"))
        return f"{label}: {names}" if names else label

    def _office(self, role, company_id):
        """The people of an office of this school."""
        if role not in _OFFICES:
            return self.env["res.users"].sudo()
        users = self.env.ref(_OFFICES[role]).sudo().all_user_ids
        return users.filtered(lambda user: company_id in user.company_ids.ids and not user.share)

    @api.model
    def _waiting_people(self, class_ids):
        """Rows (company, year, kind, deadline, stage, role, user, records, since, classes) of whom records wait for.

        A record that waits for several people counts with each of them.
        """
        self.flush_model()
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT company_id, school_year_id, kind, deadline, stage, role, user_id, count(DISTINCT pupil_id),"
            f" min(since), array_agg(DISTINCT class_id) FROM ({PEOPLE}) w"
            f" WHERE class_id = ANY(%s) AND stage NOT IN ({quoted(DONE)})"
            " GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 9 NULLS LAST, 8 DESC",
            [list(class_ids)],
        )
        return self.env.cr.fetchall()

    def _people(self, rows):
        found = self._waiting_people({row["class_id"] for row in rows})
        classes = {row["class_id"]: row["class"].name for row in rows}
        columns = {column["key"]: column["label"] for column in self._columns(rows)}
        users, years = self.env["res.users"].sudo(), self.env["hocba.school.year"]
        people = []
        for company_id, year_id, kind, day, stage, role, user_id, count, since, class_ids in found:
            column = f"signing.{role}" if stage == "signing" else stage
            people.append(
                {
                    "key": f"{company_id}|{kind}|{day}",
                    "company_id": company_id,
                    "kind": kind,
                    "day": fields.Date.to_string(day),
                    "column": column,
                    "stage": columns.get(column, column) if stage != "signing" else self.env._("signature"),
                    "role": role,
                    "user_id": user_id or False,
                    "who": self._who(role, users.browse(user_id or ()), company_id, years.browse(year_id)),
                    "mine": user_id == self.env.uid or self.env.user in self._office(role, company_id),
                    "count": count,
                    "days": self._days_since(since),
                    "class_ids": class_ids,
                    "classes": ", ".join(sorted(classes[class_id] for class_id in class_ids)),
                }
            )
        return people

    def _class(self, lines, measured):
        figures = self._figures(lines, measured)
        school_class = lines[0]["class"]
        return {
            **figures,
            "key": f"{figures['company_id']}|{figures['kind']}|{figures['day']}",
            "class_id": school_class.id,
            "name": school_class.name,
            "company": school_class.company_id.name,
            "homeroom": school_class.homeroom_id.name or "",
            "steps": self._steps(figures["counts"]),
        }


def _by(rows, *names):
    """(values of these columns, rows), in the order in which the values first appear."""
    return groupby(rows, lambda row: tuple(row[name] for name in names))


def _shown(number):
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}".replace(".", ",")
