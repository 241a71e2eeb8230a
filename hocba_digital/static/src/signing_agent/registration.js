import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { signingAgent } from "./agent";
import { AgentPairing } from "./pairing";

const MODEL = "hocba.certificate";

/**
 * Registers a certificate of a token at this computer: connect, choose, let the agent sign the server's challenge.
 */
export class AgentRegistration extends Component {
    static template = "hocba_digital.AgentRegistration";
    static components = { AgentPairing };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.agent = signingAgent();
        this.state = useState({ step: "connect", found: [], chosen: "", busy: false, error: "" });
        onWillStart(() => this.connect());
    }

    async connect() {
        await this.attempt(async () => {
            this.state.step = (await this.agent.status()).paired ? "choose" : "pair";
            if (this.state.step === "choose") {
                await this.look();
            }
        });
    }

    async look() {
        this.state.step = "choose";
        this.state.found = await this.agent.certificates();
        this.state.chosen = this.state.found.length ? this.state.found[0].fingerprint : "";
    }

    async register() {
        await this.attempt(async () => {
            const chosen = this.state.found.find((item) => item.fingerprint === this.state.chosen);
            const { kind } = this.props.action.params;
            const { token, digest } = await this.orm.call(MODEL, "agent_challenge", []);
            const label = this.props.action.name;
            const [value] = await this.agent.sign({ fingerprint: chosen.fingerprint, digests: [digest], label });
            const id = await this.orm.call(MODEL, "register_agent", [kind, chosen.der, token, value]);
            await this.action.doAction({
                type: "ir.actions.act_window",
                res_model: MODEL,
                res_id: id,
                views: [[false, "form"]],
                target: "main",
            });
        });
    }

    async attempt(work) {
        Object.assign(this.state, { busy: true, error: "" });
        try {
            await work();
        } catch (error) {
            this.state.error = (error.data && error.data.message) || error.message;
        }
        this.state.busy = false;
    }

    close() {
        this.action.doAction({ type: "ir.actions.act_window_close" });
    }
}

registry.category("actions").add("hocba_agent_registration", AgentRegistration);
