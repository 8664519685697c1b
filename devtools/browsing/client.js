/* The functions of the crawl inside a page of Odoo, evaluated once the page is loaded. */
(() => {
    const modules = window.odoo?.loader?.modules;
    // A printed document has no web client.
    const { App } = modules?.get("@odoo/owl") || { App: { apps: [] } };
    const { rpcBus } = modules?.get("@web/core/network/rpc") || {};
    const env = window.odoo?.__WOWL_DEBUG__?.root.env;
    const pending = new Set();
    rpcBus?.addEventListener("RPC:REQUEST", ({ detail }) => pending.add(detail.data.id));
    rpcBus?.addEventListener("RPC:RESPONSE", ({ detail }) => pending.delete(detail.data.id));

    // the views of actions, which are all shown in turn
    const shown = new Map();
    if (env) {
        const { loadViews } = env.services.view;
        env.services.view.loadViews = async (params, options) => {
            const result = await loadViews(params, options);
            for (const [type, view] of Object.entries(result.views)) {
                if (!["form", "search"].includes(type)) {
                    shown.set(`${params.resModel} ${type} ${view.id}`, [
                        params.resModel,
                        type,
                        view.id,
                    ]);
                }
            }
            return result;
        };
    }
    const shownViews = () => [...shown.values()];

    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const busy = () =>
        pending.size ||
        [...App.apps].some((app) => app.scheduler.tasks.size) ||
        document.querySelector(".o_blockUI, .o_loading_indicator") ||
        // The page includes its pictures.
        [...document.images].some((image) => !image.complete && image.loading !== "lazy");

    /** Wait until the page has been idle for a moment. */
    async function settle(timeout = 90000) {
        const end = Date.now() + timeout;
        let calm = 0;
        while (calm < 3) {
            if (Date.now() > end) {
                throw new Error(`still busy after ${timeout / 1000} s`);
            }
            await pause(25);
            calm = busy() ? 0 : calm + 1;
        }
    }

    async function run(action, options = {}) {
        env.services.dialog.closeAll();
        await env.services.action.doAction(action, options);
        await settle();
        return views();
    }

    const inDialog = () => !!document.querySelector(".modal .o_form_view");

    function views() {
        const controller = env.services.action.currentController;
        return {
            model: controller?.props?.resModel,
            current: controller?.view?.type,
            // Below a dialog, those of the former page remain.
            views: (inDialog() ? [] : controller?.views || [])
                .filter((view) => view.multiRecord)
                .map((view) => view.type),
        };
    }

    async function show(type) {
        await env.services.action.switchView(type);
        await settle();
    }

    async function showRecord(resId) {
        await env.services.action.switchView("form", { resId });
        await settle();
    }

    /** Select an app with its menus, which opening its action by name does not do. */
    async function enterApp(xmlid) {
        const { menu } = env.services;
        menu.setCurrentMenu(menu.getApps().find((app) => app.xmlid === xmlid));
        await settle();
    }

    /** Prepare a picture: no cursor, and charts at the end of their animation. */
    async function compose() {
        document.activeElement?.blur();
        if (document.querySelector(".o_graph_view canvas")) {
            await pause(1500);
        }
        await settle();
    }

    async function closeDialogs() {
        env.services.dialog.closeAll();
        await settle();
    }

    const visible = (element) => element.checkVisibility({ visibilityProperty: true });

    // -----------------------------------------------------------------------------------------
    // Contents of the page
    // -----------------------------------------------------------------------------------------

    const ATTRIBUTES = ["title", "placeholder", "aria-label", "alt", "data-tooltip"];

    /** Return the distinct texts that are visible, read by screen readers or in tooltips. */
    function texts() {
        const found = new Set();
        const add = (text) => {
            text = (text || "").replace(/\s+/g, " ").trim();
            if (text) {
                found.add(text);
            }
        };
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const parent = walker.currentNode.parentElement;
            const shown = parent.tagName === "OPTION" ? parent.parentElement : parent;
            if (!["SCRIPT", "STYLE"].includes(parent.tagName) && visible(shown)) {
                add(walker.currentNode.data);
            }
        }
        for (const element of document.body.querySelectorAll(`[${ATTRIBUTES.join("],[")}]`)) {
            if (visible(element)) {
                ATTRIBUTES.forEach((name) => add(element.getAttribute(name)));
            }
        }
        return [...found];
    }

    // The frame of the page: content that overflows it is out of reach, or moves the page.
    const PAGE = [
        "html",
        "body",
        ".o_web_client",
        ".o_action_manager",
        ".o_action",
        ".o_view_controller",
        ".o_control_panel",
        ".o_form_renderer",
        ".o_form_sheet_bg",
        ".o_form_sheet",
        ".modal",
        ".modal-dialog",
        ".modal-content",
        ".modal-body",
        ".o_content",
    ].join(",");
    // Odoo scrolls these elements.
    const SCROLLED =
        ".o_list_renderer, .o_pivot, .o_kanban_renderer, .o_calendar_renderer, .o_activity_view";

    const name = (element) =>
        element.tagName.toLowerCase() +
        [...element.classList].map((text) => `.${text}`).join("") +
        (element.getAttribute("name") ? `[name=${element.getAttribute("name")}]` : "");

    /** Return the outermost elements that overflow the page horizontally. */
    function overflows() {
        const width = document.documentElement.clientWidth;
        const found = [];
        const look = (element) => {
            for (const child of element.children) {
                if (!visible(child)) {
                    continue;
                }
                const { left, right, width: own } = child.getBoundingClientRect();
                if (own && (right > width + 1 || left < -1)) {
                    found.push(`${name(child)} from ${Math.round(left)} to ${Math.round(right)}`);
                } else if (child.matches(SCROLLED) || scrolls(child)) {
                    continue;
                } else {
                    look(child);
                }
            }
        };
        look(document.body);
        if (document.documentElement.scrollWidth > width + 1) {
            found.push(`the page is ${document.documentElement.scrollWidth} wide`);
        }
        return found;
    }

    /** Return whether an element scrolls or clips its content by design. */
    function scrolls(element) {
        const { overflowX } = getComputedStyle(element);
        return !element.matches(PAGE) && overflowX !== "visible";
    }

    function inspect() {
        const errors = [
            ...document.querySelectorAll(".o_error_dialog, .o_notification:has(.bg-danger)"),
        ];
        return {
            errors: errors.map((element) => element.innerText),
            overflows: overflows(),
            texts: texts(),
        };
    }

    // -----------------------------------------------------------------------------------------
    // The search of the current view
    // -----------------------------------------------------------------------------------------

    function searchModel() {
        const look = (node) =>
            node.component?.env?.searchModel?.searchItems
                ? node.component.env.searchModel
                : Object.values(node.children).reduce((found, child) => found || look(child), null);
        return look(odoo.__WOWL_DEBUG__.root.__owl__);
    }

    /** Ask the server for the records of every filter and the groups of every group-by. */
    async function search() {
        const model = searchModel();
        if (!model) {
            // A form or a client action.
            return { tried: 0, failed: [] };
        }
        const { Domain } = odoo.loader.modules.get("@web/core/domain");
        const { resModel, context, domainEvalContext } = model;
        const failed = [];
        let tried = 0;
        const attempt = async (item, request) => {
            tried++;
            try {
                await request();
            } catch (error) {
                const why = error.data?.message || error.message;
                failed.push(`“${item.description || item.name}” of ${resModel}: ${why}`);
            }
        };
        const groups = (item, groupBy) =>
            attempt(item, () =>
                env.services.orm.formattedReadGroup(resModel, [], [groupBy], ["__count"], {
                    context: { ...context, ...(item.context || {}) },
                    limit: 80,
                }),
            );
        const requests = Object.values(model.searchItems).map((item) => {
            if (item.type === "filter") {
                return attempt(item, () =>
                    env.services.orm.searchCount(
                        resModel,
                        new Domain(item.domain).toList(domainEvalContext),
                        { context },
                    ),
                );
            } else if (item.type === "groupBy" && item.fieldType !== "properties") {
                return groups(item, item.fieldName);
            } else if (item.type === "dateGroupBy") {
                return groups(item, `${item.fieldName}:month`);
            }
        });
        await Promise.all(requests);
        return { tried, failed };
    }

    window.crawl = {
        settle,
        run,
        show,
        showRecord,
        enterApp,
        views,
        compose,
        closeDialogs,
        inspect,
        search,
        shownViews,
    };
})();
