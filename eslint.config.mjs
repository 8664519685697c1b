import globals from "globals";

// Odoo's own rules, as far as they do not concern its layout
export default [
    {
        files: ["**/*.js", "**/*.mjs"],
        languageOptions: {
            ecmaVersion: 2022,
            sourceType: "module",
            globals: {
                ...globals.browser,
                odoo: "readonly",
                luxon: "readonly",
                Chart: "readonly",
            },
        },
        linterOptions: { reportUnusedDisableDirectives: "error" },
        rules: {
            "arrow-body-style": ["error", "as-needed"],
            "constructor-super": "error",
            curly: ["error", "all"],
            eqeqeq: ["error", "smart"],
            "getter-return": "error",
            "no-class-assign": "error",
            "no-cond-assign": "error",
            "no-const-assign": "error",
            "no-debugger": "error",
            "no-dupe-args": "error",
            "no-dupe-class-members": "error",
            "no-dupe-keys": "error",
            "no-duplicate-case": "error",
            "no-duplicate-imports": "error",
            "no-func-assign": "error",
            "no-import-assign": "error",
            "no-inner-declarations": "error",
            "no-restricted-globals": ["error", "event", "self"],
            "no-restricted-syntax": ["error", "PrivateIdentifier"],
            "no-this-before-super": "error",
            "no-undef": "error",
            "no-unreachable": "error",
            "no-unsafe-negation": "error",
            "no-unused-vars": ["error", { args: "none" }],
            "prefer-const": ["error", { destructuring: "all" }],
            "valid-typeof": "error",
        },
    },
];
