import { Component, onWillUnmount, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** The record as it will be printed, scaled to the width of the form. */
export class RecordPage extends Component {
    static template = "hocba_digital.RecordPage";
    static props = { ...standardWidgetProps };

    setup() {
        this.frame = useRef("frame");
        this.state = useState({ loading: true });
        this.observer = new ResizeObserver(() => this.fit());
        onWillUnmount(() => this.observer.disconnect());
    }

    get source() {
        const { resId, data } = this.props.record;
        const signed = data.signature_ids ? data.signature_ids.count : 0;
        return `/hocba/record/${resId}/page?v=${data.waiting_for}-${signed}-${data.blocker_count || 0}`;
    }

    onLoad() {
        this.state.loading = false;
        this.observer.disconnect();
        this.observer.observe(this.frame.el);
        this.fit();
    }

    /** Same origin, so the page's own width is known: zoom it out when the form is narrower. */
    fit() {
        const page = this.frame.el && this.frame.el.contentDocument;
        if (!page || !page.body) {
            return;
        }
        const root = page.documentElement;
        root.style.zoom = 1;
        const wanted = root.scrollWidth;
        const available = this.frame.el.clientWidth;
        root.style.zoom = wanted > available ? available / wanted : 1;
    }
}

registry.category("view_widgets").add("hocba_record_page", {
    component: RecordPage,
    fieldDependencies: [
        { name: "waiting_for", type: "selection", selection: [] },
        { name: "blocker_count", type: "integer" },
    ],
});

const ROLES = ["gvcn", "cbql", "seal"];

/** Marks: who of homeroom teacher, head and seal has signed, and how many of the subject teachers; names on hover. */
export class SignatureMarks extends Component {
    static template = "hocba_digital.SignatureMarks";
    static props = { ...standardFieldProps };

    get marks() {
        const labels = { gvcn: _t("Homeroom teacher"), cbql: _t("Head"), seal: _t("School's seal") };
        const rows = this.props.record.data[this.props.name].records.filter((row) => row.data.valid);
        const needed = this.props.record.data.part_count || 0;
        const parts = rows.filter((row) => row.data.role === "gvbm");
        const first = {
            role: "gvbm",
            letter: `${parts.length}/${needed}`,
            signed: parts.length >= needed,
            title: parts.length
                ? parts.map((row) => `${row.data.subject_id.display_name}: ${row.data.signer_name}`).join("\n")
                : _t("Subject teachers: not signed"),
        };
        const whole = ROLES.map((role) => {
            const row = rows.find((line) => line.data.role === role);
            return {
                role,
                letter: labels[role].toString().charAt(0),
                signed: Boolean(row),
                title: row ? `${labels[role]}: ${row.data.signer_name}` : _t("%s: not signed", labels[role]),
            };
        });
        return needed ? [first, ...whole] : whole;
    }
}

registry.category("fields").add("hocba_signature_marks", {
    component: SignatureMarks,
    supportedTypes: ["one2many"],
    relatedFields: [
        { name: "role", type: "selection", selection: [] },
        { name: "valid", type: "boolean" },
        { name: "signer_name", type: "char" },
        { name: "subject_id", type: "many2one", relation: "hocba.subject" },
    ],
    fieldDependencies: [{ name: "part_count", type: "integer" }],
});
