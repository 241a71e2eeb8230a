import { browser } from "@web/core/browser/browser";
import { ConnectionLostError } from "@web/core/network/rpc";
import { _t } from "@web/core/l10n/translation";

const DELAY = 400;
const RETRY = [2000, 4000, 8000, 15000, 30000];
const PORTION = 1000;

/**
 * Saves what changed, a moment after the last key: one call at a time, all changed cells in it. Without a
 * connection the cells stay in the store and are tried again until they are saved.
 */
export class GridSaver {
    constructor(store, call, onState) {
        this.store = store;
        this.call = call;
        this.onState = onState;
        this.state = "saved";
        this.reason = "";
        // Odd while a call is under way: what is read from the server meanwhile may be older than the call.
        this.serial = 0;
        this.tries = 0;
        this.running = null;
        this.onOnline = () => this.flush();
        browser.addEventListener("online", this.onOnline);
    }

    stop() {
        browser.clearTimeout(this.timer);
        browser.removeEventListener("online", this.onOnline);
        this.stopped = true;
    }

    setState(state, reason = "") {
        this.state = state;
        this.reason = reason;
        this.onState();
    }

    queue() {
        if (this.state === "saved") {
            this.setState("waiting");
        }
        if (!this.running) {
            this.later(DELAY);
        }
    }

    later(delay) {
        browser.clearTimeout(this.timer);
        if (!this.stopped) {
            this.timer = browser.setTimeout(() => this.flush(), delay);
        }
    }

    /** Save now; resolves to whether everything that can be saved is. */
    async flush() {
        browser.clearTimeout(this.timer);
        this.running ||= this.run().finally(() => (this.running = null));
        return this.running;
    }

    async run() {
        while (true) {
            const cells = this.store.pending().slice(0, PORTION);
            if (!cells.length) {
                this.tries = 0;
                this.setState("saved");
                return true;
            }
            const changes = this.store.take(cells);
            this.setState("saving");
            this.serial++;
            try {
                this.store.settle(cells, await this.call(changes));
            } catch (error) {
                this.store.release(cells);
                this.fail(error);
                return false;
            } finally {
                this.serial++;
            }
        }
    }

    fail(error) {
        if (error instanceof ConnectionLostError || !browser.navigator.onLine) {
            this.setState("offline", _t("No connection. What you typed is kept here and saved when it is back."));
        } else {
            const reason = error.data?.message || error.message || "";
            this.setState("failed", reason || _t("The server refused without saying why."));
        }
        this.later(RETRY[Math.min(this.tries++, RETRY.length - 1)]);
    }
}
