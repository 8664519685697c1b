/**
 * Show the quota amount of a stage beside its expected revenue, in the column headers of the pipeline.
 * The attribute `quota_sum_field` of the progress bar names the field.
 */

import { CrmColumnProgress } from "@crm/views/crm_kanban/crm_column_progress";
import { CrmKanbanArchParser } from "@crm/views/crm_kanban/crm_kanban_arch_parser";
import { crmKanbanView } from "@crm/views/crm_kanban/crm_kanban_view";
import { patch } from "@web/core/utils/patch";

patch(CrmKanbanArchParser.prototype, {
    parseProgressBar(progressBar, fields) {
        const result = super.parseProgressBar(...arguments);
        result.quota_sum_field = fields[progressBar.getAttribute("quota_sum_field")] || false;
        return result;
    },
});

patch(crmKanbanView.Controller.prototype, {
    get progressBarAggregateFields() {
        const aggregateFields = super.progressBarAggregateFields;
        const quotaField = this.props.archInfo.progressAttributes?.quota_sum_field;
        return quotaField ? [...aggregateFields, quotaField] : aggregateFields;
    },
});

patch(CrmColumnProgress.prototype, {
    /** Return the total of the column, or an empty object for a view without totals. */
    get quotaAggregate() {
        const { progressBarState, group } = this.props;
        const quotaField = progressBarState.progressAttributes.quota_sum_field;
        return quotaField ? progressBarState.getAggregateValue(group, quotaField) : {};
    },
});
