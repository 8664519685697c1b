import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { graphView } from "@web/views/graph/graph_view";

/** The graph of quota vs. actual. Groups without a quota have no attainment and are left out. */
export class QuotaGraphModel extends GraphModel {
    async _loadDataPoints(...args) {
        const [dataPoints, ...rest] = await super._loadDataPoints(...args);
        return [dataPoints.filter((point) => point.value !== false), ...rest];
    }
}

registry.category("views").add("quota_graph", { ...graphView, Model: QuotaGraphModel });
