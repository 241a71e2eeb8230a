import { registry } from "@web/core/registry";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { graphView } from "@web/views/graph/graph_view";

/** Graph of things that are counted: its axis shows whole numbers only, where Odoo's says "0,50" and "2,00". */
export class CountGraphRenderer extends GraphRenderer {
    getScaleOptions() {
        const scales = super.getScaleOptions();
        if (scales.y) {
            scales.y.ticks = { ...scales.y.ticks, precision: 0, callback: (value) => this.formatValue(value) };
        }
        return scales;
    }
}

registry.category("views").add("hocba_count_graph", { ...graphView, Renderer: CountGraphRenderer });
