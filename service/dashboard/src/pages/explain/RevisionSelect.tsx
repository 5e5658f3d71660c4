import { Button, Group, NumberInput, Select, Stack } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { auditQuery, describeEntry } from '../../audit.js';
import { useLive } from '../../live.js';
import { rowsOf } from '../../pages.js';
import { relativeTime } from '../../time.js';

/** As far back as the service looks. */
const MOST_BACK = 1000;

interface RevisionSelectProps {
  environment: string;
  /** Undefined: now, whatever changes. */
  revision: number | undefined;
  onChange: (revision: number | undefined) => void;
}

export function RevisionSelect({ environment, revision, onChange }: RevisionSelectProps) {
  const { revision: present } = useLive();
  const audit = useInfiniteQuery(auditQuery(environment, { environment }));
  const changes = rowsOf(audit.data, (page) => page.entries).filter((entry) => entry.revision !== null);
  const oldest = Math.max(1, present - MOST_BACK);
  return (
    <Stack gap="xs">
      <Select
        label="After a change"
        searchable
        clearable
        placeholder="Now"
        nothingFoundMessage="None of the last changes"
        limit={50}
        data={changes.map((entry) => ({
          value: String(entry.revision),
          label: `${entry.revision} · ${relativeTime(new Date(entry.at), Date.now())} · ${describeEntry(entry)}`,
        }))}
        value={changes.some((entry) => entry.revision === revision) ? String(revision) : null}
        onChange={(value) => onChange(value === null ? undefined : Number(value))}
      />
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <NumberInput
          label="Revision"
          w={140}
          min={oldest}
          max={present}
          allowDecimal={false}
          clampBehavior="blur"
          value={revision ?? present}
          onChange={(value) => onChange(value === '' || Number(value) === present ? undefined : Number(value))}
        />
        <Button variant="default" disabled={revision === undefined} onClick={() => onChange(undefined)}>
          Now
        </Button>
      </Group>
    </Stack>
  );
}
