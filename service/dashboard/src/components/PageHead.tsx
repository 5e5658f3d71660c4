import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTitle } from './title.js';

interface PageHeadProps {
  title: ReactNode;
  /** The title as plain text, where it is not. */
  name?: string;
  /** Said beside the title, for example how many there are. */
  count?: ReactNode;
  /** One sentence: what this page is for. */
  lead?: ReactNode;
  /** What can be done here. */
  children?: ReactNode;
}

export function PageHead({ title, name, count, lead, children }: PageHeadProps) {
  useTitle(name ?? (typeof title === 'string' ? title : undefined));
  return (
    <Group justify="space-between" align="flex-start" gap="sm">
      <div style={{ minWidth: 0, flex: '1 1 240px' }}>
        <Group gap="xs" align="baseline" wrap="nowrap">
          <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Title>
          {count !== undefined && (
            <Text
              c="dimmed"
              size="sm"
              aria-live="polite"
              style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}
            >
              {count}
            </Text>
          )}
        </Group>
        {lead && (
          <Text c="dimmed" size="sm" component="div">
            {lead}
          </Text>
        )}
      </div>
      {children && <Group gap="xs">{children}</Group>}
    </Group>
  );
}
