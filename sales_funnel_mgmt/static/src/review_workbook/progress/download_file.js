import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

/**
 * Download a file, and show anew what the button that did so belongs to. An URL action would do one
 * of the two only.
 */
export function downloadFile(env, action) {
    browser.location.assign(action.params.url);
    return { type: "ir.actions.act_window_close" };
}

registry.category("actions").add("sales_funnel_mgmt.download_file", downloadFile);
