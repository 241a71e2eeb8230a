import { Component, onWillStart, status, useState } from "@odoo/owl";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "hocba.cockpit";
const RISKS = { done: "success", ok: "success", soon: "warning", late: "danger", overdue: "danger" };
const COLOURS = {
    none: "secondary",
    blocked: "warning",
    signed: "info",
    sent: "info",
    unknown: "warning",
    failed: "danger",
    refused: "danger",
    accepted: "success",
    locked: "success",
};

/** First screen of head and clerk: every deadline, what is left, who is waited for, and the way on. */
export class Cockpit extends Component {
    static template = "hocba_digital.Cockpit";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.state = useState({ data: null, card: null, busy: false });
        onWillStart(() => this.load());
    }

    async load(year) {
        this.state.busy = true;
        try {
            const data = await this.orm.call(MODEL, "overview", [], year ? { year } : {});
            const keys = data.cards.map((card) => card.key);
            const urgent = data.cards.find((card) => card.risk !== "done") || data.cards[0];
            this.state.card = keys.includes(this.state.card) ? this.state.card : urgent && urgent.key;
            this.state.data = data;
        } finally {
            this.state.busy = false;
        }
    }

    // ---- what is shown ---------------------------------------------------------------------------------------------

    get card() {
        return this.state.data.cards.find((card) => card.key === this.state.card);
    }

    get classes() {
        return this.state.data.classes.filter((line) => line.key === this.state.card);
    }

    get people() {
        return this.state.data.people.filter((line) => line.key === this.state.card);
    }

    get columns() {
        return this.state.data.columns;
    }

    select(key) {
        this.state.card = key;
    }

    risk(card) {
        return RISKS[card.risk];
    }

    colour(column) {
        return COLOURS[column] || "primary";
    }

    percent(part, whole) {
        return whole ? (100 * part) / whole : 0;
    }

    date(day) {
        return formatDate(deserializeDate(day));
    }

    due(card) {
        return _t("before %s", this.date(card.day));
    }

    left(card) {
        if (card.risk === "done") {
            return _t("Done");
        }
        if (card.days_left < 0) {
            return _t("%s days overdue", -card.days_left);
        }
        return card.days_left ? _t("%s days left", card.days_left) : _t("Last day today");
    }

    source(card) {
        return card.source ? _t("Set by %s", card.source) : _t("By law");
    }

    grades(card) {
        return _t("grade %s", card.grades.join(", "));
    }

    expected(card) {
        const day = this.date(card.finish);
        return card.risk === "late"
            ? _t("Expected to be done on %s, after the deadline.", day)
            : _t("Expected to be done on %s.", day);
    }

    oldest(card) {
        return _t("%(who)s, class %(name)s", { who: card.oldest.who, name: card.oldest.class });
    }

    finish(line) {
        return line.finish ? this.date(line.finish) : "–";
    }

    since(line) {
        if (line.days === false) {
            return "";
        }
        return line.days ? _t("for %s days", line.days) : _t("since today");
    }

    // ---- where it leads --------------------------------------------------------------------------------------------

    where(card, more = {}) {
        const { company_id, kind, day } = card;
        return { company_id, kind, day, year: this.state.data.year, ...more };
    }

    open(column, card, more) {
        return this.follow("open_records", column, this.where(card, more));
    }

    step(column, card, more) {
        return this.follow("open_step", column, this.where(card, more));
    }

    async follow(method, column, where) {
        const action = await this.orm.call(MODEL, method, [column], where);
        await this.action.doAction(action, { onClose: () => this.reload() });
    }

    /** After a dialog; the dialog may also have led to another screen. */
    reload() {
        return status(this) === "mounted" ? this.load(this.state.data.year) : undefined;
    }

    analyse() {
        return this.action.doAction("hocba_digital.action_cockpit_analysis");
    }

    deadlines(card) {
        return this.action.doAction("hocba_digital.action_deadline", {
            additionalContext: { default_school_year_id: card.year_id, default_kind: card.kind },
        });
    }
}

registry.category("actions").add("hocba_cockpit", Cockpit);
