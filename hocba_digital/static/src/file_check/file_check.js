import { Component, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const ADDRESS = "/hocba/check";
const MAX_BYTES = 20000000;
const COLOURS = { TOTAL_PASSED: "success", INDETERMINATE: "warning", TOTAL_FAILED: "danger" };
const ICONS = { TOTAL_PASSED: "fa-check-circle", INDETERMINATE: "fa-question-circle", TOTAL_FAILED: "fa-times-circle" };

/**
 * Page that checks files of records: dropped or chosen, sent one by one, the report shown, nothing kept.
 */
export class FileCheck extends Component {
    static template = "hocba_digital.FileCheck";
    static props = { ...standardActionServiceProps };

    setup() {
        this.input = useRef("input");
        this.state = useState({ over: false, busy: false, files: [] });
        this.waiting = [];
        this.count = 0;
    }

    colour(result) {
        return COLOURS[result] || "secondary";
    }

    icon(result) {
        return ICONS[result] || "fa-spinner fa-spin";
    }

    /** A file with one record shows it at once; in a list each record is opened by a click. */
    open(report) {
        return report.records.length <= 1;
    }

    choose() {
        this.input.el.click();
    }

    onChosen(event) {
        this.add(event.target.files);
        event.target.value = "";
    }

    onDrop(event) {
        this.state.over = false;
        this.add(event.dataTransfer.files);
    }

    clear() {
        this.waiting = [];
        this.state.files = [];
    }

    add(files) {
        for (const file of files) {
            this.count += 1;
            this.state.files.unshift({ key: this.count, name: file.name, report: null, error: "" });
            this.waiting.push({ key: this.count, file });
        }
        this.work();
    }

    async work() {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        while (this.waiting.length) {
            const { key, file } = this.waiting.shift();
            const outcome = await this.check(file);
            const shown = this.state.files.find((item) => item.key === key);
            if (shown) {
                Object.assign(shown, outcome);
            }
        }
        this.state.busy = false;
    }

    async check(file) {
        if (file.size > MAX_BYTES) {
            return { error: _t("The file is larger than %s MB.", MAX_BYTES / 1000000) };
        }
        const form = new FormData();
        form.append("csrf_token", odoo.csrf_token);
        form.append("file", file);
        try {
            const answer = await fetch(ADDRESS, { method: "POST", body: form, headers: { Accept: "application/json" } });
            const content = await answer.json();
            return content.error ? { error: content.error } : { report: content };
        } catch {
            return { error: _t("The file could not be checked. Check the connection and try again.") };
        }
    }
}

registry.category("actions").add("hocba_file_check", FileCheck);
