import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

/** The steps of the setup after the installation, with the missing records. */
export class SetupSteps extends Component {
    static template = "sales_funnel_mgmt.SetupSteps";
    static props = {
        steps: {
            type: Array,
            element: {
                type: Object,
                shape: {
                    key: String,
                    title: String,
                    missing: [String, { value: false }],
                    action: String,
                },
            },
        },
        /** (step) */
        onOpen: Function,
        onHide: Function,
    };

    get doneCount() {
        return this.props.steps.filter((step) => !step.missing).length;
    }

    stateLabel(step) {
        return step.missing ? _t("To do") : _t("Done");
    }
}
