import { browser } from "@web/core/browser/browser";

const CHANGE = "hocba_grid_change";
const OFTEN = 5000;
const SELDOM = 30000;
const GATHER = 150;

/** Brings other people's changes in: told by the bus, and asked for every few seconds while the bus is silent. */
export class GridLive {
    constructor({ bus, classId, window, since, load, serial, receive }) {
        Object.assign(this, { bus, classId, window, since, load, serial, receive });
        this.connected = false;
        this.channel = `hocba.class_${classId}`;
        this.onChange = (payload) => {
            this.connected = true;
            if (payload.class_id === this.classId && payload.window !== this.window) {
                this.later(GATHER);
            }
        };
        this.onUp = () => (this.connected = true);
        this.onDown = () => {
            this.connected = false;
            this.later(OFTEN);
        };
        bus.addChannel(this.channel);
        bus.subscribe(CHANGE, this.onChange);
        for (const [name, handler] of this.events()) {
            bus.addEventListener(name, handler);
        }
        this.later(OFTEN);
    }

    events() {
        return [
            ["BUS:CONNECT", this.onUp],
            ["BUS:RECONNECT", this.onUp],
            ["BUS:DISCONNECT", this.onDown],
            ["BUS:RECONNECTING", this.onDown],
        ];
    }

    stop() {
        this.stopped = true;
        browser.clearTimeout(this.timer);
        this.bus.unsubscribe(CHANGE, this.onChange);
        for (const [name, handler] of this.events()) {
            this.bus.removeEventListener(name, handler);
        }
        this.bus.deleteChannel(this.channel);
    }

    later(delay) {
        browser.clearTimeout(this.timer);
        if (!this.stopped) {
            this.timer = browser.setTimeout(() => this.ask(), delay);
        }
    }

    async ask() {
        let next = this.connected || this.bus.workerState === "CONNECTED" ? SELDOM : OFTEN;
        try {
            if (!document.hidden && !(await this.refresh())) {
                next = GATHER;
            }
        } catch {
            // No connection: the saver says so; the next round asks again.
            next = OFTEN;
        }
        this.later(next);
    }

    /** False: what was read while a save of our own was under way may be older than that save, so ask again. */
    async refresh() {
        const before = this.serial();
        const answer = await this.load(this.since);
        if (this.stopped) {
            return true;
        }
        if (before !== this.serial() || before % 2) {
            return false;
        }
        this.since = answer.since;
        this.receive(answer);
        return true;
    }
}
