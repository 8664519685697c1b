import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";
import { PercentageField, percentageField } from "@web/views/fields/percentage/percentage_field";

/**
 * Format a ratio of two sums as a percentage. The ratio is false without a divisor, and then shown
 * as empty, not as 0 %.
 *
 * @param {number | false} value
 * @param {Object} [options]
 * @returns {string}
 */
export function formatSumRatio(value, options = {}) {
    return typeof value === "number"
        ? formatPercentage(value, { ...options, digits: [16, 1], thousandsSep: undefined })
        : "";
}

export class SumRatioField extends PercentageField {
    /** Show no ratio for a single row, since only groups have one. */
    get formattedValue() {
        return formatSumRatio(this.props.record.data[this.props.name] || false);
    }
}

registry.category("formatters").add("sum_ratio", formatSumRatio);
registry.category("fields").add("sum_ratio", { ...percentageField, component: SumRatioField });
