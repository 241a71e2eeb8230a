import { Component, onWillStart, useState } from "@odoo/owl";
import { useAutofocus } from "@web/core/utils/hooks";

/** Connects this page with the signing agent: the agent shows a code, the user types it here. */
export class AgentPairing extends Component {
    static template = "hocba_digital.AgentPairing";
    static props = { agent: Object, onPaired: Function };

    setup() {
        this.code = useAutofocus({ refName: "code" });
        this.state = useState({ shown: false, busy: false, error: "" });
        onWillStart(() => this.ask());
    }

    async ask() {
        await this.attempt(async () => {
            await this.props.agent.askForCode();
            this.state.shown = true;
        });
    }

    onKeydown(event) {
        if (event.key === "Enter") {
            event.preventDefault();
            event.stopPropagation();
            this.pair();
        }
    }

    async pair() {
        const code = this.code.el ? this.code.el.value.trim() : "";
        await this.attempt(async () => {
            await this.props.agent.pair(code);
            await this.props.onPaired();
        });
    }

    async attempt(work) {
        Object.assign(this.state, { busy: true, error: "" });
        try {
            await work();
        } catch (error) {
            this.state.error = error.message;
            if (error.code === "code_expired" || error.code === "unreachable") {
                this.state.shown = false;
            }
        }
        this.state.busy = false;
    }
}
