import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { session } from "@web/session";
import { user } from "@web/core/user";

/** Says on every screen that the school at hand reports to a test gateway, so that nobody takes a trial for a report. */
export class TestGateway extends Component {
    static template = "hocba_digital.TestGateway";
    static props = {};

    get shown() {
        const schools = session.hocba_test_gateways || [];
        return user.activeCompanies.some((company) => schools.includes(company.id));
    }
}

registry.category("systray").add("hocba_digital.TestGateway", { Component: TestGateway }, { sequence: 200 });
