import { RecordPage } from "@hocba_digital/record_page/record_page";
import { registry } from "@web/core/registry";

/** A received record as its official form, drawn from the packet as it came. */
export class ReceivedRecordPage extends RecordPage {
    get source() {
        return `/hocba/registry/record/${this.props.record.resId}/page`;
    }
}

registry.category("view_widgets").add("hocba_registry_page", { component: ReceivedRecordPage });
