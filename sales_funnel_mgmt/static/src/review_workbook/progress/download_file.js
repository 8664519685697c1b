import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

/**
 * Download a file and reload the record of the button. A URL action would do only one of the two.
 */
export function downloadFile(env, action) {
    browser.location.assign(action.params.url);
    return { type: "ir.actions.act_window_close" };
}

registry.category("actions").add("sales_funnel_mgmt.download_file", downloadFile);
