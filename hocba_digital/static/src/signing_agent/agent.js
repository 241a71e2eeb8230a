import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const ADDRESS = "http://127.0.0.1:48217";
const ADDRESS_KEY = "hocba_agent_address";
const TOKEN_KEY = "hocba_agent_token";

export class AgentError extends Error {
    constructor(code, message) {
        super(message);
        this.code = code;
    }
}

/**
 * The reference signing agent on the user's own computer (docs/signing-agent.md). The browser only carries digests
 * there and signatures back; it sees neither key nor PIN. An agent of another maker is a class with the same methods
 * in the registry "hocba_signing_agents"; the one with the lowest sequence is used.
 */
export class SigningAgent {
    get address() {
        return window.localStorage.getItem(ADDRESS_KEY) || ADDRESS;
    }

    /** {version, paired, limit}; throws AgentError "unreachable" when no agent runs here. */
    async status() {
        return this.call("status", null);
    }

    /** Have the agent show its user a code. */
    async askForCode() {
        await this.call("pair", {});
    }

    /** Exchange the code that the user typed for this page's token. */
    async pair(code) {
        const { token } = await this.call("pair", { code });
        window.localStorage.setItem(TOKEN_KEY, token);
    }

    /** [{der, label, fingerprint}] */
    async certificates() {
        return (await this.call("certificates", {})).certificates;
    }

    /** Signatures (base64) of the digests (base64), in order, after the user consented at the agent. */
    async sign({ fingerprint, digests, label }) {
        const { nonce } = await this.call("nonce", {});
        return (await this.call("sign", { nonce, fingerprint, digests, label })).values;
    }

    async call(method, body) {
        const headers = { Authorization: `Bearer ${window.localStorage.getItem(TOKEN_KEY) || ""}` };
        const options = { headers, cache: "no-store", credentials: "omit", mode: "cors" };
        if (body) {
            headers["Content-Type"] = "application/json";
            Object.assign(options, { method: "POST", body: JSON.stringify(body) });
        }
        let response, content;
        try {
            response = await fetch(`${this.address}/v1/${method}`, options);
            content = await response.json();
        } catch {
            throw new AgentError("unreachable", agentText("unreachable"));
        }
        if (!response.ok) {
            throw new AgentError(content.error, agentText(content.error));
        }
        return content;
    }
}

/** What went wrong at the agent, and what to do. */
export function agentText(code) {
    const texts = {
        unreachable: _t("The signing agent does not answer. Start it on this computer and try again."),
        not_paired: _t("This page is not connected to the signing agent yet."),
        wrong_code: _t("This is not the code that the agent shows. Try again."),
        code_expired: _t("The code is no longer valid. Ask for a new one."),
        refused: _t("You refused at the signing agent. Nothing was signed."),
        too_late: _t("The PIN came too late. Nothing was signed; try again."),
        wrong_pin: _t("The PIN is wrong. After too many wrong PINs the token is locked."),
        pin_locked: _t("The token is locked after too many wrong PINs. Its issuer can unlock it."),
        no_certificate: _t("The token with your registered certificate is not plugged in."),
        token_failed: _t("The token reports a fault. Take it out, plug it in again and repeat."),
        busy: _t("The signing agent waits for a PIN already. Answer it there first."),
        too_many_requests: _t("The signing agent was asked too often. Wait a minute."),
        bad_origin: _t("The signing agent does not serve this site. Add the site's address to its list."),
    };
    return texts[code] || _t("The signing agent refused (%s).", code);
}

registry.category("hocba_signing_agents").add("reference", SigningAgent, { sequence: 100 });

/** The agent that this browser talks to. */
export function signingAgent() {
    return new (registry.category("hocba_signing_agents").getAll()[0])();
}
