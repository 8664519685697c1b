/** The customers of a territory plan by receiver, for drag and drop. */

import { useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { KanbanHeader } from "@web/views/kanban/kanban_header";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { formatFloat } from "@web/views/fields/formatters";
import { withTerritoryPlan } from "./territory_plan_figures";

export class TerritoryPlanKanbanHeader extends KanbanHeader {
    static template = "sales_funnel_mgmt.TerritoryPlanKanbanHeader";

    setup() {
        super.setup();
        this.plan = useState(this.env.territoryPlan);
    }

    /** Return the load of the salesperson of the column before and after. */
    get load() {
        const { group, list } = this.props;
        const row =
            list.groupByField.relation === "res.users" &&
            this.plan.current?.rows.find((one) => one.id === group.value);
        const format = (value) => formatFloat(value, { digits: [16, 1] });
        return row && { before: format(row.before), after: format(row.after) };
    }
}

export class TerritoryPlanKanbanRenderer extends KanbanRenderer {
    static components = { ...KanbanRenderer.components, KanbanHeader: TerritoryPlanKanbanHeader };
}

export class TerritoryPlanKanbanController extends withTerritoryPlan(KanbanController) {
    static template = "sales_funnel_mgmt.TerritoryPlanKanbanView";
}

registry.category("views").add("territory_plan_kanban", {
    ...kanbanView,
    Controller: TerritoryPlanKanbanController,
    Renderer: TerritoryPlanKanbanRenderer,
});
