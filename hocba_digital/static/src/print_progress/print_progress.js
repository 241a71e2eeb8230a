import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { ConnectionLostError } from "@web/core/network/rpc";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "hocba.print.job";
const PORTION = 100;
const PAUSE = 1000;

/**
 * Dialog of one print job: has the server print portion after portion. Each portion is one transaction; when the
 * dialog is closed the schedule goes on, and the job is found again under "My prints".
 */
export class PrintProgress extends Component {
    static template = "hocba_digital.PrintProgress";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ job: null, busy: false, stopping: false, error: "" });
        this.alive = true;
        this.jobId = (this.props.action.params || {}).job_id;
        onWillStart(async () => {
            this.state.job = await this.call("progress");
            if (this.state.job.state === "running") {
                this.run();
            }
        });
        onWillUnmount(() => {
            this.alive = false;
            if (this.state.job && this.state.job.state === "running") {
                this.env.services.orm.silent.call(MODEL, "leave", [[this.jobId]]).catch(() => {});
            }
        });
    }

    get finished() {
        return ["done", "expired"].includes(this.state.job.state);
    }

    width(count) {
        return `width: ${this.state.job.total ? (100 * count) / this.state.job.total : 0}%`;
    }

    async run() {
        Object.assign(this.state, { busy: true, stopping: false, error: "" });
        try {
            while (this.alive && this.state.job.state === "running") {
                const before = this.state.job.waiting;
                this.state.job = await this.call(this.state.stopping ? "stop" : "process", this.state.stopping ? [] : [PORTION]);
                if (this.state.job.state === "running" && this.state.job.waiting === before) {
                    // The schedule is at work on it.
                    await new Promise((resolve) => setTimeout(resolve, PAUSE));
                }
            }
        } catch (error) {
            this.state.error = this.explain(error);
        }
        this.state.busy = false;
    }

    async resume() {
        this.state.job = await this.call("resume");
        await this.run();
    }

    stop() {
        this.state.stopping = true;
    }

    call(method, args = []) {
        return this.orm.silent.call(MODEL, method, [[this.jobId], ...args]);
    }

    explain(error) {
        if (error instanceof ConnectionLostError) {
            return _t("The connection is lost. The print goes on by itself; you find it under “My prints”.");
        }
        return (error.data && error.data.message) || _t("The server refused without saying why.");
    }

    download() {
        this.action.doAction({ type: "ir.actions.act_url", url: `/hocba/print-job/${this.jobId}/download`, target: "self" });
    }

    openJob() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: MODEL,
            res_id: this.jobId,
            views: [[false, "form"]],
            target: "current",
        });
    }

    close() {
        this.action.doAction({ type: "ir.actions.act_window_close" });
    }
}

registry.category("actions").add("hocba_print_progress", PrintProgress);
