"""Test the salesperson lock in merges, conversions and the automatic assignment."""

from odoo.tests import tagged
from odoo.tests.common import users

from odoo.addons.crm.tests.common import TestLeadConvertMassCommon

from ..common import TestSalespersonLockCommon, undone


@tagged('post_install', '-at_install')
class TestSalespersonLockMerge(TestSalespersonLockCommon):
    """Merge and convert opportunities.

    Odoo merges into the opportunity in the latest stage: stage_open, stage_late (locked), stage_sure
    (not locked).
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stage_sure = cls.env['crm.stage'].create({'name': "Sure", 'sequence': 30})
        cls.wizard_context = {'active_model': 'crm.lead'}

    def _create(self, stage, user, **values):
        return self._create_opportunity(**{
            'stage_id': stage.id,
            'user_id': user.id,
            'email_from': "x@example.com",
            **values,
        })

    def _merge_wizard(self, leads, user):
        return self.env['crm.merge.opportunity'].create({
            'opportunity_ids': leads.ids,
            'user_id': user.id,
        })

    def test_locked_one_goes_into_another_salespersons(self):
        leads = self.locked + self._create(self.stage_sure, self.other)
        self.assertRefused(self.locked, leads.merge_opportunity)
        # The merged opportunity keeps the salesperson of the locked one.
        merged = leads.merge_opportunity(user_id=self.owner.id)
        self.assertEqual(merged.user_id, self.owner)

    def test_another_salespersons_goes_into_the_locked_one(self):
        merged = (self.locked + self._create(self.stage_open, self.other)).merge_opportunity()
        self.assertEqual(merged, self.locked)
        self.assertEqual(merged.user_id, self.owner)

    def test_locked_one_is_to_get_another_salesperson(self):
        leads = self.locked + self.free
        self.assertRefused(self.locked, lambda: leads.merge_opportunity(user_id=self.other.id))

    def test_two_locked_ones_of_two_salespeople(self):
        leads = self.locked + self._create(self.stage_late, self.other, name="Theirs")
        for user in (self.owner, self.other):
            keepers = leads.filtered(lambda lead, user=user: lead.user_id == user)
            self.assertRefused(
                leads - keepers, lambda user=user: leads.merge_opportunity(user_id=user.id)
            )

    def test_locked_one_of_nobody(self):
        nobodys = self._create(self.stage_late, self.env['res.users'])
        merged = (nobodys + self._create(self.stage_sure, self.other)).merge_opportunity()
        self.assertEqual(merged.user_id, self.other)

    def test_merged_locked_one_stays_locked(self):
        """An opportunity merged with a locked one stays locked, even in the same transaction."""
        mine = self._create(self.stage_sure, self.owner, name="Mine")
        (mine + self.locked).merge_opportunity()
        self.assertRefused(mine, lambda: mine.write({'user_id': self.other.id}))

    @users('user_sales_salesman', 'user_sales_leads', 'user_sales_manager')
    @undone
    def test_merge_wizard(self):
        leads = (self.locked + self.free).with_env(self.env)
        self.assertRefused(
            self.locked, lambda: self._merge_wizard(leads, self.other).action_merge()
        )
        self._merge_wizard(leads, self.owner).action_merge()
        self.assertEqual(self.locked.user_id, self.owner)

    def _convert_wizard(self, lead, **values):
        return (
            self
            .env['crm.lead2opportunity.partner']
            .with_context(active_model='crm.lead', active_id=lead.id, active_ids=lead.ids)
            .create({'action': 'exist', **values})
        )

    @users('user_sales_leads', 'user_sales_manager')
    @undone
    def test_conversion(self):
        for name, stage in (("Locked lead", self.stage_late), ("Free lead", self.stage_open)):
            lead = self._create(stage, self.owner, type='lead', name=name).with_env(self.env)
            wizard = self._convert_wizard(
                lead, name='convert', user_id=self.other.id, force_assignment=True
            )
            if stage == self.stage_late:
                self.assertRefused(lead, wizard.action_apply)
                self.assertEqual(lead.type, 'lead')
            else:
                wizard.action_apply()
                self.assertEqual(lead.user_id, self.other)

    @users('user_sales_leads', 'user_sales_manager')
    @undone
    def test_conversion_without_force(self):
        lead = self._create(self.stage_late, self.owner, type='lead').with_env(self.env)
        self._convert_wizard(
            lead, name='convert', user_id=self.other.id, force_assignment=False
        ).action_apply()
        self.assertEqual((lead.type, lead.user_id), ('opportunity', self.owner))

    @users('user_sales_leads', 'user_sales_manager')
    @undone
    def test_conversion_by_merging(self):
        """A conversion that merges a locked opportunity and changes its salesperson is refused."""
        values = {'partner_id': False}
        for stage in (self.stage_open, self.stage_sure):
            lead = self._create(self.stage_open, self.owner, type='lead', name="Lead", **values)
            opportunity = self._create(stage, self.owner, name="Opportunity", **values)
            locked = self._create(self.stage_late, self.owner, name="Locked", **values)
            wizard = self._convert_wizard(
                lead.with_env(self.env),
                name='merge',
                user_id=self.other.id,
                force_assignment=True,
                duplicated_lead_ids=(lead + opportunity + locked).ids,
            )
            merged = locked if stage == self.stage_open else opportunity
            self.assertRefused(merged, wizard.action_apply)
            self.assertTrue(locked.exists())
            wizard.force_assignment = False
            wizard.action_apply()
            self.assertEqual(merged.user_id, self.owner)

    def _convert_mass_wizard(self, leads, **values):
        return (
            self
            .env['crm.lead2opportunity.partner.mass']
            .with_context(active_model='crm.lead', active_id=leads[0].id, active_ids=leads.ids)
            .create({
                'action': 'each_exist_or_create',
                'user_ids': self.other.ids,
                'lead_tomerge_ids': leads.ids,
                **values,
            })
        )

    @users('user_sales_leads', 'user_sales_manager')
    @undone
    def test_mass_conversion(self):
        values = {'type': 'lead', 'partner_id': False}
        leads = self._create(
            self.stage_late, self.owner, name="Locked lead", **values
        ) + self._create(self.stage_open, self.owner, email_from="y@example.com", **values)
        leads = leads.with_env(self.env)
        for deduplicate in (True, False):
            wizard = self._convert_mass_wizard(
                leads, deduplicate=deduplicate, force_assignment=True
            )
            self.assertRefused(leads[0], wizard.action_mass_convert)
        self._convert_mass_wizard(leads, force_assignment=False).action_mass_convert()
        self.assertEqual(leads.user_id, self.owner)
        self.assertEqual(set(leads.mapped('type')), {'opportunity'})

    @users('user_sales_leads', 'user_sales_manager')
    @undone
    def test_mass_conversion_that_merges(self):
        """A mass conversion that merges a locked opportunity and changes its salesperson is refused."""
        values = {'partner_id': False, 'email_from': "z@example.com"}
        lead = self._create(self.stage_open, self.owner, type='lead', **values)
        mine = self._create(self.stage_sure, self.owner, name="Mine", **values)
        locked = self._create(self.stage_late, self.owner, **values)
        wizard = self._convert_mass_wizard(
            lead.with_env(self.env), deduplicate=True, force_assignment=True
        )
        self.assertRefused(mine, wizard.action_mass_convert)
        self.assertTrue(locked.exists())
        self._convert_mass_wizard(
            lead.with_env(self.env), deduplicate=True, force_assignment=False
        ).action_mass_convert()
        self.assertFalse(locked.exists())
        self.assertEqual(mine.user_id, self.owner)


@tagged('post_install', '-at_install')
class TestSalespersonLockAssignment(TestLeadConvertMassCommon):
    """Check that the automatic assignment skips locked opportunities without an error."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, 'tracking_disable': True})
        cls.env['ir.config_parameter'].set_param('crm.lead.auto.assignment', True)
        cls.stage_locked, cls.stage_sure = cls.env['crm.stage'].create([
            {'name': "Quotation", 'sequence': 20, 'lock_salesperson': True},
            {'name': "Sure", 'sequence': 30},
        ])
        cls.env['crm.team'].search([]).assignment_max = 0
        cls.team = cls.env['crm.team'].create({
            'name': "Assignment",
            'use_opportunities': True,
            'crm_team_member_ids': [
                (0, 0, {'user_id': cls.user_sales_leads.id, 'assignment_max': 900}),
            ],
        })
        cls.team.assignment_max = 900
        cls.owner = cls.user_sales_salesman

    def _create(self, name, email, stage=None, user=None, **values):
        return self.env['crm.lead'].create({
            'name': name,
            'type': 'lead',
            'email_from': email,
            'user_id': user and user.id,
            'team_id': False,
            'create_date': '2020-01-01',
            **({'stage_id': stage.id} if stage else {}),
            **values,
        })

    def test_assignment(self):
        nobodys = self._create("Nobody's", "a@example.com", self.stage_locked)
        locked = self._create("Locked", "b@example.com", self.stage_locked, self.owner)
        # Without the lock, Odoo would merge it into that of another salesperson.
        duplicate = self._create("New", "b@example.com")
        sure = self._create(
            "Sure", "b@example.com", self.stage_sure, self.user_sales_manager, type='opportunity'
        )
        single = self._create("Single", "c@example.com")
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.team._action_assign_leads(force_quota=True, creation_delta_days=0)
        self.assertEqual(nobodys.user_id, self.user_sales_leads, "A first assignment")
        self.assertEqual(single.user_id, self.user_sales_leads)
        self.assertEqual(locked.exists().user_id, self.owner)
        self.assertEqual(locked.stage_id, self.stage_locked)
        self.assertEqual(sure.exists().user_id, self.user_sales_manager)
        self.assertFalse(duplicate.exists(), "What is not locked is merged")

    def test_duplicates_that_are_gone(self):
        """Duplicates can be merged and deleted earlier in the same run."""
        lead = self._create("New", "d@example.com")
        gone = self._create("Gone", "d@example.com")
        locked = self._create("Locked", "d@example.com", self.stage_locked, self.owner)
        cache = {lead: lead + gone + locked}
        gone.unlink()
        self.env.invalidate_all()
        self.team._allocate_leads_deduplicate(lead, duplicates_cache=cache)
        self.assertEqual(locked.user_id, self.owner)
        self.assertFalse(gone.exists())
