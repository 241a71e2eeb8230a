import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { ConnectionLostError } from "@web/core/network/rpc";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { signingAgent } from "../signing_agent/agent";
import { AgentPairing } from "../signing_agent/pairing";

const MODEL = "hocba.signing.job";
const PORTION = 100;
const PAUSE = 1500;

/**
 * Dialog of one signing job: has the server sign portion after portion, and asks for what the kind of key needs: a
 * PIN, a one-time password, an approval on the phone, or the agent on this computer.
 * Each portion is one transaction, so closing the dialog or losing the connection loses nothing
 * that was signed. PIN and password live in this component only and are forgotten with it.
 */
export class SigningProgress extends Component {
    static template = "hocba_digital.SigningProgress";
    static components = { AgentPairing };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.agent = signingAgent();
        useAutofocus();
        this.state = useState({
            job: null,
            pin: "",
            otp: "",
            otpSent: false,
            busy: false,
            stopping: false,
            pairing: false,
            atAgent: false,
            error: "",
        });
        this.alive = true;
        const params = this.props.action.params || {};
        this.jobId = params.job_id;
        onWillStart(async () => {
            this.state.job = await this.call("progress");
            if (this.awaitsPhone || (this.later && this.state.job.signed_waiting)) {
                this.start();
            }
        });
        onWillUnmount(() => {
            this.alive = false;
            Object.assign(this.state, { pin: "", otp: "" });
            if (this.state.busy && !this.awaitsPhone) {
                this.env.services.orm.silent.call(MODEL, "stop", [[this.jobId]]).catch(() => {});
            }
        });
    }

    get roleLabel() {
        const labels = {
            gvbm: _t("Subject teacher"),
            gvcn: _t("Homeroom teacher"),
            cbql: _t("Head"),
            seal: _t("School's seal"),
            report: _t("School's seal on the report"),
            transfer: _t("School's seal on a change of school"),
            results: _t("Head, on results of a year under way"),
        };
        return labels[this.state.job.role];
    }

    get finished() {
        return this.state.job.state === "done";
    }

    get moved() {
        const job = this.state.job;
        return `${job.done} ${job.left_out} ${job.signed_waiting}`;
    }

    get begun() {
        return this.state.job.done + this.state.job.left_out > 0;
    }

    /** Whether the key answers later: at a remote service, or through the agent. */
    get later() {
        return ["remote", "agent"].includes(this.state.job.provider);
    }

    get awaitsPhone() {
        return this.state.job.provider === "remote" && this.state.job.state === "approval";
    }

    get needsOtp() {
        return this.state.job.provider === "remote" && this.state.job.otp_kind !== "none";
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

    async onChoose(event) {
        await this.attempt(async () => {
            this.state.job = await this.call("choose", [parseInt(event.target.value)]);
        });
    }

    async sendOtp() {
        await this.attempt(async () => {
            await this.call("send_otp");
            this.state.otpSent = true;
        });
    }

    async start() {
        if (this.state.busy) {
            return;
        }
        const asks = !this.awaitsPhone && !this.state.job.signed_waiting;
        if (asks && this.state.job.asks_pin && !this.state.pin) {
            this.state.error = _t("Enter your PIN.");
            return;
        }
        if (asks && this.needsOtp && !this.state.otp) {
            this.state.error = _t("Enter the one-time password.");
            return;
        }
        this.state.stopping = false;
        await this.attempt(() => this.run());
        this.state.atAgent = false;
    }

    async attempt(work) {
        Object.assign(this.state, { busy: true, error: "" });
        try {
            await work();
        } catch (error) {
            this.state.error = this.explain(error);
            this.state.pairing = error.code === "not_paired";
            Object.assign(this.state, { pin: "", otp: "", otpSent: false });
        }
        this.state.busy = false;
    }

    async run() {
        if (this.state.job.provider === "agent" && !(await this.agent.status()).paired) {
            this.state.pairing = true;
            return;
        }
        while (this.alive && !this.finished) {
            if (this.state.stopping) {
                this.state.job = await this.call("stop");
                return;
            }
            const before = this.moved;
            if (!(await this.step())) {
                return;
            }
            if (this.moved === before && !this.finished) {
                // Somebody else is working on these records: they come to the turn when that is done.
                await new Promise((resolve) => setTimeout(resolve, PAUSE));
            }
        }
    }

    /** The next thing to do; false when it is the user's turn again. */
    async step() {
        const job = this.state.job;
        if (!this.later) {
            this.state.job = await this.call("process", [this.state.pin, PORTION]);
        } else if (this.awaitsPhone) {
            await new Promise((resolve) => setTimeout(resolve, PAUSE));
            if (this.alive && !this.state.stopping) {
                this.state.job = await this.call("poll");
            }
            return !this.state.job.note;
        } else if (job.signed_waiting) {
            this.state.job = await this.call("poll");
        } else if (job.provider === "remote") {
            return this.askService();
        } else {
            await this.askAgent();
        }
        return true;
    }

    async askService() {
        if (this.state.job.asks_pin && !this.state.pin) {
            return false;
        }
        this.state.job = await this.call("prepare");
        if (!this.finished) {
            this.state.job = await this.call("request", [this.state.pin, this.state.otp]);
        }
        if (this.needsOtp) {
            Object.assign(this.state, { otp: "", otpSent: false });
            return this.state.job.signed_waiting > 0;
        }
        return true;
    }

    async askAgent() {
        const { request, ...job } = await this.call("prepare");
        this.state.job = job;
        if (!request) {
            return;
        }
        this.state.atAgent = true;
        const values = await this.agent.sign(request);
        this.state.atAgent = false;
        this.state.job = await this.call("deliver", [request.nonce, values]);
    }

    call(method, args = []) {
        return this.orm.silent.call(MODEL, method, [[this.jobId], ...args]);
    }

    async onPaired() {
        this.state.pairing = false;
        await this.start();
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
