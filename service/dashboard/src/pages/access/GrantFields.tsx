import { MultiSelect, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { environmentsQuery } from '../../environments.js';

export type Role = 'viewer' | 'editor' | 'admin';

export interface Grant {
  role: Role;
  /** Null: all of them. Only of an editor. */
  environments: string[] | null;
}

const ROLES = [
  { value: 'viewer', label: 'Viewer: sees everything, changes nothing' },
  { value: 'editor', label: 'Editor: changes settings and segments' },
  { value: 'admin', label: 'Admin: everything, access included' },
];

export function GrantFields({ grant, onChange }: { grant: Grant; onChange: (grant: Grant) => void }) {
  const { data } = useQuery(environmentsQuery);
  return (
    <>
      <Select
        label="Role"
        allowDeselect={false}
        data={ROLES}
        value={grant.role}
        onChange={(role) => onChange({ role: role as Role, environments: null })}
      />
      {grant.role === 'editor' && (
        <MultiSelect
          label="Environments"
          description="Who is limited to some cannot change what settings are in all of them."
          placeholder={grant.environments?.length ? '' : 'All'}
          clearable
          data={data?.environments.map(({ key, name }) => ({ value: key, label: name })) ?? []}
          value={grant.environments ?? []}
          onChange={(environments) =>
            onChange({ ...grant, environments: environments.length === 0 ? null : environments })
          }
        />
      )}
    </>
  );
}
