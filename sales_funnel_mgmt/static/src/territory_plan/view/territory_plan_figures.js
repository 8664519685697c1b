/**
 * What a territory plan comes to, above its customers: the summary, what breaks a rule, and the load of
 * each salesperson before and after. Read anew with each change, a dropped card for instance.
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
 * The controller of a view of plan lines, with the figures of the plan that the context names. Several
 * plans in one list have none.
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
