import { type Action, type Grant, isAllowed, isAtLeast, type Role } from '../src/permissions.js';

const ACTIONS: readonly Action[] = [
  'read',
  'own-access',
  'edit-settings',
  'edit-environment',
  'approve',
  'manage-environments',
  'manage-access',
];

function allowed(grant: Grant, environment?: string): Action[] {
  return ACTIONS.filter((action) => isAllowed(grant, action, environment));
}

describe('permissions', () => {
  it.each<[Role, Action[]]>([
    ['viewer', ['read', 'own-access']],
    ['editor', ['read', 'own-access', 'edit-settings', 'edit-environment', 'approve']],
    ['admin', [...ACTIONS]],
  ])('let a %s do what the role says', (role, actions) => {
    expect(allowed({ role, environments: null }, 'production')).toEqual(actions);
    expect(allowed({ role, environments: null })).toEqual(actions);
  });

  it('let a limited editor change only the named environments', () => {
    const grant: Grant = { role: 'editor', environments: ['test'] };
    expect(allowed(grant, 'test')).toEqual(['read', 'own-access', 'edit-settings', 'edit-environment', 'approve']);
    expect(allowed(grant, 'production')).toEqual(['read', 'own-access']);
  });

  it('let a limited editor change nothing that touches every environment', () => {
    expect(allowed({ role: 'editor', environments: ['test'] })).toEqual(['read', 'own-access']);
  });

  it('limit nobody but editors to environments', () => {
    expect(allowed({ role: 'viewer', environments: [] }, 'test')).toEqual(['read', 'own-access']);
    expect(allowed({ role: 'admin', environments: [] }, 'test')).toEqual(ACTIONS);
  });

  it('order the roles', () => {
    expect(isAtLeast('admin', 'editor')).toBe(true);
    expect(isAtLeast('editor', 'editor')).toBe(true);
    expect(isAtLeast('viewer', 'editor')).toBe(false);
  });
});
