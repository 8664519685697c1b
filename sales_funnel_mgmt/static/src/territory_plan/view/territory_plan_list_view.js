/** The list of the customers of a territory plan, to assign several at once. */

import { registry } from "@web/core/registry";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import { withTerritoryPlan } from "./territory_plan_figures";

export class TerritoryPlanListController extends withTerritoryPlan(ListController) {
    static template = "sales_funnel_mgmt.TerritoryPlanListView";
}

registry.category("views").add("territory_plan_list", {
    ...listView,
    Controller: TerritoryPlanListController,
});
