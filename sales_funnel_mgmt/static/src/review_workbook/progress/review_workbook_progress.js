import { onMounted, onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import {
    ProgressBarField,
    progressBarField,
} from "@web/views/fields/progress_bar/progress_bar_field";

const SECONDS = 3;

/**
 * Show the progress of a background task, by reloading the record while it is shown.
 */
export class ReviewWorkbookProgress extends ProgressBarField {
    setup() {
        super.setup();
        onMounted(() => this.wait());
        onWillUnmount(() => browser.clearTimeout(this.timeout));
    }

    wait() {
        this.timeout = browser.setTimeout(async () => {
            const { record } = this.props;
            if (!(await record.isDirty())) {
                await record.load();
            }
            this.wait();
        }, SECONDS * 1000);
    }
}

export const reviewWorkbookProgress = {
    ...progressBarField,
    component: ReviewWorkbookProgress,
};

registry.category("fields").add("review_workbook_progress", reviewWorkbookProgress);
