import { Component, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { ConnectionLostError } from "@web/core/network/rpc";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "hocba.signing.job";
const PORTION = 25;

/**
 * Dialog of one signing job: asks for the PIN, then has the server sign portion after portion.
 * Each portion is one transaction, so closing the dialog or losing the connection loses nothing
 * that was signed. The PIN lives in this component only and is forgotten with it.
 */
export class SigningProgress extends Component {
    static template = "hocba_digital.SigningProgress";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.pinInput = useRef("autofocus");
        useAutofocus();
        this.pin = "";
        this.state = useState({ job: null, busy: false, stopping: false, error: "" });
        this.alive = true;
        const params = this.props.action.params || {};
        this.jobId = params.job_id;
        onWillStart(async () => {
            this.state.job = await this.orm.call(MODEL, "progress", [[this.jobId]]);
        });
        onWillUnmount(() => {
            this.alive = false;
            this.pin = "";
            if (this.state.busy) {
                this.env.services.orm.silent.call(MODEL, "stop", [[this.jobId]]).catch(() => {});
            }
        });
    }

    get roleLabel() {
        const labels = { gvcn: _t("Homeroom teacher"), cbql: _t("Head"), seal: _t("School's seal") };
        return labels[this.state.job.role];
    }

    get finished() {
        return this.state.job.state === "done";
    }

    get begun() {
        return this.state.job.done + this.state.job.left_out > 0;
    }

    width(count) {
        return `width: ${this.state.job.total ? (100 * count) / this.state.job.total : 0}%`;
    }

    onKeydown(event) {
        if (event.key === "Enter") {
            event.preventDefault();
            event.stopPropagation();
            this.start();
        }
    }

    async start() {
        if (this.state.busy) {
            return;
        }
        this.pin = this.pinInput.el ? this.pinInput.el.value : this.pin;
        if (!this.pin) {
            this.state.error = _t("Enter your PIN.");
            return;
        }
        Object.assign(this.state, { busy: true, stopping: false, error: "" });
        try {
            await this.run();
        } catch (error) {
            this.state.error = this.explain(error);
            this.pin = "";
        }
        this.state.busy = false;
    }

    async run() {
        while (this.alive && !this.finished) {
            if (this.state.stopping) {
                this.state.job = await this.orm.silent.call(MODEL, "stop", [[this.jobId]]);
                return;
            }
            this.state.job = await this.orm.silent.call(MODEL, "process", [[this.jobId], this.pin, PORTION]);
        }
    }

    explain(error) {
        if (error instanceof ConnectionLostError) {
            return _t("The connection is lost. What is signed stays signed; resume when the connection is back.");
        }
        return (error.data && error.data.message) || error.message || _t("The server refused without saying why.");
    }

    stop() {
        this.state.stopping = true;
    }

    close() {
        this.action.doAction({ type: "ir.actions.act_window_close" });
    }

    openRecord(recordId) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "hocba.record",
            res_id: recordId,
            views: [[false, "form"]],
            target: "current",
        });
    }
}

registry.category("actions").add("hocba_signing_progress", SigningProgress);
