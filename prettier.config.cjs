// Odoo's own JavaScript: four spaces, 100 columns, double quotes
module.exports = {
    tabWidth: 4,
    printWidth: 100,
    semi: true,
    singleQuote: false,
    plugins: [require.resolve("@prettier/plugin-xml")],
    xmlWhitespaceSensitivity: "preserve",
    xmlSelfClosingSpace: false,
};
