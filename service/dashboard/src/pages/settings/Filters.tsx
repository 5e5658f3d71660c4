import { CloseButton, Group, Kbd, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMemo } from 'react';
import { type SettingType, TYPE_NAMES } from '../../model.js';
import type { SettingRow } from '../../settings.js';
import type { Filter } from './filter.js';

const TYPES = Object.entries(TYPE_NAMES).map(([value, label]) => ({ value, label }));
const STATES = [
  { value: 'on', label: 'On' },
  { value: 'off', label: 'Off' },
  { value: 'split', label: 'With a split' },
  { value: 'stale', label: 'Stale for 30 days' },
];

export function Filters(props: { rows: readonly SettingRow[]; filter: Filter; onChange: (filter: Filter) => void }) {
  const { rows, filter, onChange } = props;
  const tags = useMemo(() => [...new Set(rows.flatMap((row) => row.tags))].sort(), [rows]);
  const q = filter.q ?? '';
  return (
    <Group gap="xs">
      <TextInput
        flex={{ base: '1 1 100%', sm: '1 1 260px' }}
        type="search"
        aria-label="Search settings"
        placeholder="Search by key, name or description"
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={
          q === '' ? (
            <Kbd size="xs" aria-hidden visibleFrom="sm">
              /
            </Kbd>
          ) : (
            <CloseButton size="sm" aria-label="Clear the search" onClick={() => onChange({ ...filter, q: '' })} />
          )
        }
        value={q}
        onChange={(event) => onChange({ ...filter, q: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onChange({ ...filter, q: '' });
          if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
          event.preventDefault();
          document.querySelector<HTMLElement>('[data-row][tabindex="0"]')?.focus();
        }}
      />
      <Select
        flex={{ base: '1 1 96px', sm: '0 0 130px' }}
        clearable
        aria-label="Type"
        placeholder="Type"
        data={TYPES}
        value={filter.type ?? null}
        onChange={(type) => onChange({ ...filter, type: (type as SettingType | null) ?? undefined })}
      />
      <Select
        flex={{ base: '1 1 96px', sm: '0 0 150px' }}
        clearable
        searchable
        aria-label="Tag"
        placeholder="Tag"
        nothingFoundMessage="No such tag"
        data={tags}
        value={filter.tag ?? null}
        onChange={(tag) => onChange({ ...filter, tag: tag ?? undefined })}
      />
      <Select
        flex={{ base: '1 1 96px', sm: '0 0 160px' }}
        clearable
        aria-label="State"
        placeholder="State"
        data={STATES}
        value={filter.state ?? null}
        onChange={(state) => onChange({ ...filter, state: (state as Filter['state'] | null) ?? undefined })}
      />
    </Group>
  );
}
