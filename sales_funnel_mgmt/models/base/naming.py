"""Names of records for a message: the first ones, and how many more there are.

`items` may be records or anything else that has a length and can be sliced; `name` makes the text of
one of them, by default its display name.
"""

from operator import attrgetter

from markupsafe import Markup

NAMED = 10
_display_name = attrgetter('display_name')


def name_some(env, items, limit=NAMED, name=_display_name):
    """Return the names in a sentence: “A, B and 3 more”."""
    names = ", ".join(name(item) for item in items[:limit])
    if len(items) > limit:
        return env._("%(names)s and %(count)s more", names=names, count=len(items) - limit)
    return names


def list_some(env, items, limit=NAMED, name=_display_name):
    """Return the names as lines of a text."""
    return "\n".join(f"- {text}" for text in _take(env, items, limit, name))


def list_some_html(env, items, limit=NAMED, name=_display_name):
    """Return the names as a list in HTML."""
    entries = _take(env, items, limit, name)
    return Markup("<ul>%s</ul>") % Markup().join(Markup("<li>%s</li>") % text for text in entries)


def _take(env, items, limit, name):
    texts = [name(item) for item in items[:limit]]
    if len(items) > limit:
        texts.append(env._("and %(count)s more", count=len(items) - limit))
    return texts
