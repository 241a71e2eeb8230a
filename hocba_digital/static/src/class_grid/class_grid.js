import { Component, onWillStart, onWillUnmount, useEffect, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { ConflictBox } from "./conflict_box";
import { GridLive } from "./grid_live";
import { GridSaver } from "./grid_saver";
import { GridStore } from "./grid_store";
import { GridTable } from "./grid_table";
import { useCalmPage } from "./page_styles";

const MODEL = "hocba.class";
const STEP_KEY = "hocba.grid.step";
const NEWS = 12000;

/** The screen around the grid: what is shown, what is missing, whether everything is saved. */
export class ClassGrid extends Component {
    static template = "hocba_digital.ClassGrid";
    static components = { ConflictBox, GridTable, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.bus = useService("bus_service");
        this.display = { controlPanel: {} };
        this.bank = { phrases: null };
        this.window = Math.random().toString(36).slice(2);
        this.state = useState({
            classId: false,
            period: "year",
            view: "subjects",
            step: browser.localStorage.getItem(STEP_KEY) === "1",
            former: false,
            loading: true,
            key: 0,
            message: null,
            news: null,
            save: { state: "saved", reason: "" },
            tally: { missing: 0, wrong: 0, conflicts: 0, unsaved: 0 },
            at: { r: 0, c: 0 },
        });
        const { params, context } = this.props.action;
        onWillStart(() => this.start(params || {}, context || {}));
        useCalmPage();
        onWillUnmount(() => this.stop());
        useSetupAction({
            beforeLeave: () => this.mayLeave(),
            beforeUnload: (event) => this.beforeUnload(event),
        });
        useEffect(
            (message) => {
                const timer = message && browser.setTimeout(() => (this.state.message = null), 8000);
                return () => browser.clearTimeout(timer);
            },
            () => [this.state.message]
        );
    }

    /** ``params`` as the review gives them: class_id, period, view, and the cell to go to (focus). */
    async start(params, context) {
        this.choices = await this.orm.call(MODEL, "grid_start", [params.class_id || context.active_id || false]);
        const { class_id, period, view } = { ...this.choices, ...params };
        Object.assign(this.state, { classId: class_id, period, view });
        this.target = params.focus;
        await this.load();
    }

    /** Row and column of the cell that a finding is about. */
    find({ assessment_id, result_id, field }) {
        const r = this.store.rows.findIndex((row) => row.id === assessment_id);
        const lines = Object.entries(this.store.rows[r]?.lines || {});
        const subject = lines.find(([_subject, line]) => line === result_id)?.[0];
        const column = result_id ? `s${subject}.${field}` : field;
        const first = this.store.columns.findIndex((line) => String(line.subject_id) === subject);
        return { r, c: this.store.columnIndex.get(column) ?? first };
    }

    get views() {
        return [
            ["subjects", _t("Subjects")],
            ["traits", _t("Qualities, competences")],
            ["comments", _t("Comments")],
            ["measures", this.state.period === "year" ? _t("Health, attendance, result") : _t("Health, attendance")],
        ];
    }

    async load() {
        const { classId, period, view } = this.state;
        this.state.loading = true;
        this.stop();
        if (classId) {
            const data = await this.orm.call(MODEL, "grid_load", [[classId], period, view]);
            this.open(data);
        }
        this.state.loading = false;
    }

    open(data) {
        this.data = data;
        this.store = new GridStore(data, () => {
            this.saver.queue();
            this.refresh();
        });
        this.saver = new GridSaver(
            this.store,
            (changes) => this.orm.silent.call(MODEL, "grid_save", [[this.state.classId], changes, this.window]),
            () => this.refresh()
        );
        this.live = new GridLive({
            bus: this.bus,
            classId: this.state.classId,
            window: this.window,
            since: data.since,
            serial: () => this.saver.serial,
            load: (since) =>
                this.orm.silent.call(MODEL, "grid_changes", [
                    [this.state.classId],
                    this.state.period,
                    this.state.view,
                    since,
                ]),
            receive: (answer) => this.receive(answer),
        });
        this.previous = data.previous && { load: () => this.loadPrevious() };
        this.previousTexts = null;
        this.env.config.setDisplayName(_t("Class %(name)s (%(year)s)", { name: data.class_name, year: data.year }));
        Object.assign(this.state, { key: this.state.key + 1, former: false, message: null, news: null, at: { r: 0, c: 0 } });
        this.refresh();
    }

    stop() {
        this.saver?.stop();
        this.live?.stop();
    }

    refresh() {
        this.state.save = { state: this.saver.state, reason: this.saver.reason };
        this.state.tally = this.store.tally();
        this.grid?.render();
    }

    async loadPrevious() {
        const { classId, period } = this.state;
        this.previousTexts ||= await this.orm.call(MODEL, "grid_previous_comments", [[classId], period]);
        return this.previousTexts;
    }

    // ---- what is shown -----------------------------------------------------------------------------------------

    async choose(values) {
        if (await this.mayLeave()) {
            Object.assign(this.state, values);
            await this.load();
        }
    }

    toggleStep() {
        this.state.step = !this.state.step;
        browser.localStorage.setItem(STEP_KEY, this.state.step ? "1" : "0");
        this.grid?.focus();
    }

    get formerCount() {
        return this.store.rows.filter((row) => row.former).length;
    }

    get formerLabel() {
        return _t("Show %s who left", this.formerCount);
    }

    get rowCount() {
        return this.store.rows.length - (this.state.former ? 0 : this.formerCount);
    }

    get cell() {
        return this.store.cell(this.state.at.r, this.state.at.c);
    }

    get place() {
        const row = this.store.rows[this.state.at.r];
        const column = this.store.columns[this.state.at.c];
        return row && column ? { row, column } : null;
    }

    get cellText() {
        return this.cell ? this.store.text(this.cell) : "";
    }

    onMove(r, c) {
        this.state.at = { r, c };
    }

    register(grid) {
        this.grid = grid;
    }

    onReady() {
        const place = this.target && this.find(this.target);
        this.target = null;
        if (place && place.r >= 0 && place.c >= 0) {
            this.grid.moveTo(place.r, place.c);
        }
    }

    say(text, type = "info") {
        this.state.message = { text, type };
    }

    get saveLabel() {
        const { wrong, conflicts } = this.state.tally;
        return {
            saved: wrong || conflicts ? _t("The other cells are saved") : _t("Saved"),
            waiting: _t("Saving…"),
            saving: _t("Saving…"),
            offline: _t("Not saved - try again"),
            failed: _t("Not saved - try again"),
        }[this.state.save.state];
    }

    retry() {
        this.saver.flush();
        this.grid?.focus();
    }

    nextMissing() {
        this.grid.jump((cell) => this.store.isMissing(cell));
    }

    nextWrong() {
        this.grid.jump((cell) => cell.bad !== null);
    }

    nextConflict() {
        this.grid.jump((cell) => cell.conflict);
    }

    // ---- other people ------------------------------------------------------------------------------------------

    receive({ changes, derived, states }) {
        const news = [];
        for (const change of changes) {
            for (const cell of this.store.receive(change)) {
                const column = this.store.columns[cell.col];
                news.push({ by: change.by, pupil: cell.row.name, column: `${column.group} ${column.label}`.trim() });
            }
        }
        this.store.derive(derived);
        for (const [id, state] of Object.entries(states)) {
            this.store.setState(id, state);
        }
        if (news.length) {
            this.tell(news);
        }
        this.refresh();
    }

    tell(news) {
        const [{ by, pupil, column }] = news;
        this.state.news =
            news.length === 1
                ? _t("%(by)s changed %(column)s of %(pupil)s.", { by, pupil, column })
                : _t("%(by)s changed %(count)s cells.", { by, count: news.length });
        browser.clearTimeout(this.newsTimer);
        this.newsTimer = browser.setTimeout(() => (this.state.news = null), NEWS);
    }

    resolve(takeTheirs) {
        this.store.resolve(this.cell, takeTheirs);
        this.grid.focus();
    }

    // ---- leaving -----------------------------------------------------------------------------------------------

    /** Nothing typed is lost quietly: save first, then ask about what could not be saved. */
    async mayLeave() {
        if (!this.store) {
            return true;
        }
        this.grid?.commit();
        await this.saver.flush();
        const { wrong, conflicts, unsaved } = this.store.tally();
        if (!wrong && !conflicts && !unsaved) {
            return true;
        }
        return new Promise((resolve) => {
            this.dialog.add(ConfirmationDialog, {
                title: _t("Not everything is saved"),
                body: _t("%s cells are not saved. If you leave now, what you typed there is lost.", wrong + Math.max(conflicts, unsaved)),
                confirmLabel: _t("Stay"),
                cancelLabel: _t("Leave and lose it"),
                confirm: () => resolve(false),
                cancel: () => resolve(true),
                dismiss: () => resolve(false),
            });
        });
    }

    beforeUnload(event) {
        const { wrong, unsaved, conflicts } = this.store ? this.store.tally() : {};
        if (wrong || unsaved || conflicts) {
            this.saver.flush();
            event.preventDefault();
            event.returnValue = "";
        }
    }
}

registry.category("actions").add("hocba_class_grid", ClassGrid);
