"""Find texts of the addons that are not in the user's language."""

import re

import polib

from devtools import translations
from devtools.settings import REPO, addons
from devtools.source import files

# a word: texts without one (PNG, 12 %, →) are the same in all languages
WORD = re.compile(r'[a-z]{3}')
CHINESE = re.compile(r'[\u4e00-\u9fff]')
PLACEHOLDER = re.compile(r'%\(\w+\)[a-z]|%[sd]|\{\w*\}')
EXPRESSION = re.compile(r'\{\{.*?\}\}')
TAG = re.compile(r'<[^>]*>')
# shortest text between placeholders that identifies a text
LEAST = 12


def squeeze(text):
    return ' '.join(text.split())


class Texts:
    """Knows all texts of the addons, and finds untranslated ones on Chinese pages."""

    def __init__(self):
        self._fixed, self._patterns = set(), []
        allowed = set()
        for addon in addons():
            for entry in polib.pofile(str(translations.files(addon)[1])):
                if entry.msgstr != entry.msgid:
                    self._add(entry.msgid)
                else:
                    allowed.add(squeeze(entry.msgid))
        self._fixed -= allowed
        # Texts that are not marked for translation are missing in the .po files.
        names = [name for name in files('.js', '.xml', '.py') if name.split('/')[0] in addons()]
        skipped = ('/tests/', '/demo/', '/migrations/')
        source = [
            (REPO / name).read_text() for name in names if not any(part in name for part in skipped)
        ]
        self._source = squeeze('\n'.join(source))

    def _add(self, msgid):
        parts = [squeeze(part) for part in TAG.split(msgid)]
        for part in parts:
            if len(parts) > 1 and part.count(' ') < 2:
                # Text between tags, such as an example in a template, or a name.
                continue
            if PLACEHOLDER.search(part):
                fixed = PLACEHOLDER.split(part)
                if max(map(len, fixed)) >= LEAST:
                    self._patterns.append(re.compile('.*'.join(map(re.escape, fixed))))
            elif WORD.search(part):
                self._fixed.add(part)

    def untranslated(self, text):
        """Return whether a text on a Chinese page is an English text of the addons."""
        if not WORD.search(text) or CHINESE.search(text):
            return False
        return (
            text in self._fixed
            or any(pattern.fullmatch(text) for pattern in self._patterns)
            # More than a word: names of records can be words of the source as well.
            or (' ' in text and any(f'{q}{text}{q}' in self._source for q in ('"', "'", '`')))
        )


# -------------------------------------------------------------------------------------------------
# Texts of tooltips and e-mails, which are read from the server
# -------------------------------------------------------------------------------------------------

ATTRIBUTES = ('string', 'help', 'selection')
RECORDS = (
    'ir.ui.menu',
    'ir.actions.act_window',
    'ir.actions.client',
    'ir.actions.report',
    'ir.actions.server',
    'mail.template',
    'mail.activity.type',
    'mail.message.subtype',
    'crm.pipeline.check',
)


def of_fields(admin, survey):
    """Return labels, helps and selections of the addons' fields that are the same in both languages."""
    rows = admin.call(
        'ir.model.data',
        'search_read',
        [['module', 'in', addons()], ['model', '=', 'ir.model.fields']],
        ['res_id'],
    )
    fields = admin.call(
        'ir.model.fields', 'read', [row['res_id'] for row in rows], ['model', 'name']
    )
    by_model = {}
    for field in fields:
        by_model.setdefault(field['model'], []).append(field['name'])
    for model, names in by_model.items():
        # Odoo translates the fields of its own mixins.
        own = [name for name in names if not name.startswith(('message_', 'activity_'))]
        english, chinese = (
            admin.call(model, 'fields_get', own, list(ATTRIBUTES), context={'lang': language})
            for language in ('en_US', 'zh_CN')
        )
        for name in own:
            for attribute in ATTRIBUTES:
                values = english.get(name, {}).get(attribute)
                if _same(values, chinese.get(name, {}).get(attribute)):
                    yield f"{attribute} of {model}.{name}: {values!r}"


def _same(english, chinese):
    if isinstance(english, list):
        # An option whose label is its value is a name, as that of a time zone.
        return any(
            _same(one[1], other[1])
            for one, other in zip(english, chinese, strict=True)
            if one[0] != one[1]
        )
    # Expressions are computed and not translated.
    return bool(english) and english == chinese and bool(WORD.search(EXPRESSION.sub('', english)))


def of_records(admin, records_of_ours):
    """Return texts of the addons' records that are the same in both languages."""
    for model in RECORDS:
        ids = records_of_ours(admin, model)
        described = admin.call(model, 'fields_get', [], ['translate', 'type'])
        names = [name for name, about in described.items() if about.get('translate')]
        if not ids or not names:
            continue
        english, chinese = (
            admin.call(model, 'read', list(ids), names, context={'lang': language})
            for language in ('en_US', 'zh_CN')
        )
        for one, other in zip(english, chinese, strict=True):
            for name in names:
                if _same(one[name], other[name]):
                    yield f"{name} of {ids[one['id']]}: {one[name]!r}"
