/**
 * The figures of a territory plan above its customers: summary, violated rules, and the load of each
 * salesperson before and after. They are reloaded after each change, such as the drop of a card.
 */

import { Component, useState, useSubEnv } from "@odoo/owl";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { TerritoryPlanBars } from "../chart/territory_plan_bars";

export class TerritoryPlanFigures extends Component {
    static template = "sales_funnel_mgmt.TerritoryPlanFigures";
    static components = { TerritoryPlanBars };
    static props = {
        plan: {
            type: Object,
            shape: { summary: String, problem: String, rows: Array },
        },
    };

    get problems() {
        return this.props.plan.problem.split("\n").filter(Boolean);
    }
}

/**
 * Extend the controller of a view of plan lines by the figures of the plan in the context. A list with
 * the lines of several plans has no figures.
 */
export const withTerritoryPlan = (Controller) =>
    class extends Controller {
        static components = { ...Controller.components, TerritoryPlanFigures };

        setup() {
            super.setup();
            this.orm = useService("orm");
            this.keepLast = new KeepLast();
            this.plan = useState({ current: null });
            useSubEnv({ territoryPlan: this.plan });
        }

        get modelParams() {
            const params = super.modelParams;
            const { onRecordSaved } = params.hooks;
            const load = () => this.loadPlan();
            return {
                ...params,
                hooks: {
                    ...params.hooks,
                    onRootLoaded: load,
                    onSavedMulti: load,
                    onRecordSaved: async (...args) => {
                        await onRecordSaved(...args);
                        await load();
                    },
                },
            };
        }

        async loadPlan() {
            const planId = this.props.context.territory_plan_id;
            if (!planId) {
                return;
            }
            const [plan] = await this.keepLast.add(
                this.orm.read("crm.territory.plan", [planId], ["summary", "problem", "chart"]),
            );
            this.plan.current = plan
                ? {
                      summary: plan.summary || "",
                      problem: plan.problem || "",
                      rows: plan.chart?.rows || [],
                  }
                : null;
        }
    };
