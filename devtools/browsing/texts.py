"""Texts of ours that a user reads in another language than the own."""

import re

import polib

from devtools import translations
from devtools.settings import REPO, addons
from devtools.source import files

# a word; what has none (PNG, 12 %, →) is the same in every language
WORD = re.compile(r'[a-z]{3}')
CHINESE = re.compile(r'[\u4e00-\u9fff]')
PLACEHOLDER = re.compile(r'%\(\w+\)[a-z]|%[sd]|\{\w*\}')
EXPRESSION = re.compile(r'\{\{.*?\}\}')
TAG = re.compile(r'<[^>]*>')
# a text between placeholders that is shorter could be anything
LEAST = 12


def squeeze(text):
    return ' '.join(text.split())


class Texts:
    """Knows every text of the addons, and which of them are not translated when seen in Chinese."""

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
        # texts that were never marked for translation are in no .po
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
                # between tags: an example in a template, a name
                continue
            if PLACEHOLDER.search(part):
                fixed = PLACEHOLDER.split(part)
                if max(map(len, fixed)) >= LEAST:
                    self._patterns.append(re.compile('.*'.join(map(re.escape, fixed))))
            elif WORD.search(part):
                self._fixed.add(part)

    def untranslated(self, text):
        """Whether a text seen in Chinese is one of ours in English."""
        if not WORD.search(text) or CHINESE.search(text):
            return False
        return (
            text in self._fixed
            or any(pattern.fullmatch(text) for pattern in self._patterns)
            # more than a word: names of records are words of the source as well
            or (' ' in text and any(f'{q}{text}{q}' in self._source for q in ('"', "'", '`')))
        )


# -------------------------------------------------------------------------------------------------
# What is read only on hovering, or in e-mails: asked of the server
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
    """Names, explanations and choices of our fields that are the same in both languages."""
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
        # what Odoo's mixins give to every model is Odoo's to translate
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
        return any(_same(one[1], other[1]) for one, other in zip(english, chinese, strict=True))
    # an expression is computed, in whatever language
    return bool(english) and english == chinese and bool(WORD.search(EXPRESSION.sub('', english)))


def of_records(admin, records_of_ours):
    """Texts of the records that the addons bring along that are the same in both languages."""
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
