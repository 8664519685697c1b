"""Take the pictures of the README and the addon's page, from the demo data, in both languages.

python -m devtools.browsing.screenshots URL DATABASE FOLDER
"""

import io
import itertools
import sys
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from . import chromium
from .client import web_client

LANGUAGES = ('en_US', 'zh_CN')
SIZE, TALL = (1280, 760), (1280, 960)
# bytes of a picture, which is downloaded with the addon
MOST = 100_000


class Shot(NamedTuple):
    name: str
    login: str
    action: str
    # the view, by default the first one
    view: str = None
    # domain: its first record is shown in a form
    model: str = None
    domain: list = ()
    context: dict = {}
    size: tuple = SIZE


SHOTS = (
    Shot('overview', 'helena', 'sales_funnel_mgmt.crm_sales_overview_action', size=TALL),
    Shot('pipeline', 'amelia', 'crm.crm_lead_action_pipeline'),
    Shot(
        'opportunity',
        'admin',
        'crm.crm_lead_action_pipeline',
        model='crm.lead',
        domain=[['quota_rate_origin', '=', 'opportunity'], ['stage_id.is_won', '=', False]],
    ),
    Shot(
        'funnel',
        'admin',
        'sales_funnel_mgmt.crm_lead_funnel_action',
        context={'funnel_mode': 'flow', 'funnel_period': 'this_year'},
        size=(1280, 725),
    ),
    Shot('quota_report', 'admin', 'sales_funnel_mgmt.crm_quota_report_action'),
    Shot('quota_plan', 'admin', 'sales_funnel_mgmt.crm_sales_quota_grid_action'),
    Shot(
        'handover',
        'admin',
        'sales_funnel_mgmt.crm_handover_action',
        model='crm.handover',
        domain=[['state', '=', 'in_progress']],
        size=TALL,
    ),
    Shot(
        'territory_plan',
        'admin',
        'sales_funnel_mgmt.crm_territory_plan_action',
        model='crm.territory.plan',
        domain=[['state', '=', 'proposed']],
        size=TALL,
    ),
    Shot('stalled', 'admin', 'sales_funnel_mgmt.crm_stalled_report_action'),
    Shot('communications', 'admin', 'sales_funnel_mgmt.crm_communication_report_action', 'graph'),
)


def take(client, shot):
    width, height = shot.size
    client.page.set_viewport_size({'width': width, 'height': height})
    client.do('run', shot.action, {'clearBreadcrumbs': True, 'additionalContext': shot.context})
    if shot.view:
        client.do('show', shot.view)
    if shot.model:
        record = client.user.call(shot.model, 'search', list(shot.domain), limit=1)[0]
        client.do('showRecord', record)
    client.do('compose')


def save(page, path):
    """Save a picture with as many colours as its size limit allows."""
    image = Image.open(io.BytesIO(page.screenshot())).convert('RGB')
    for colours in (256, 128, 64, 32):
        data = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(data, 'PNG', optimize=True)
        if len(data.getvalue()) <= MOST:
            break
    path.write_bytes(data.getvalue())
    print(f"{path.name}: {len(data.getvalue()) / 1000:.0f} kB")


def main(url, database, folder):
    logins = sorted({shot.login for shot in SHOTS})
    with chromium.running() as browser:
        for login, language in itertools.product(logins, LANGUAGES):
            with web_client(browser, url, database, login, SIZE, language) as client:
                for shot in (shot for shot in SHOTS if shot.login == login):
                    take(client, shot)
                    ending = '' if language == LANGUAGES[0] else f'_{language}'
                    save(client.page, Path(folder) / f'{shot.name}{ending}.png')


if __name__ == '__main__':
    main(*sys.argv[1:])
