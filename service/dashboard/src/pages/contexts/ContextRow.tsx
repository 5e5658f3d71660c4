import { Group, Text } from '@mantine/core';
import { IconBox, IconBuilding, IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import links from '../../components/links.module.css';
import { RelativeTime } from '../../components/RelativeTime.js';
import type { SeenContext } from '../../contexts.js';
import { valueLabel } from '../../describe.js';
import classes from './contexts.module.css';

const MOST_ATTRIBUTES = 4;

export function ContextRow({ environment, context }: { environment: string; context: SeenContext }) {
  const { kind, key, name, attributes, companions, lastSeen } = context;
  const shown = Object.entries(attributes).filter(([attribute]) => attribute !== 'name');
  return (
    <div className={classes.row}>
      <Group gap="sm" wrap="nowrap" miw={0}>
        <KindIcon kind={kind} />
        <div style={{ minWidth: 0 }}>
          <Link
            to="/$env/contexts/$kind/$key"
            params={{ env: environment, kind, key }}
            className={`${links.name} ${links.covering}`}
            title={name ?? key}
          >
            {name ?? key}
          </Link>
          <Text size="xs" c="dimmed" truncate>
            {kind} · <span className={classes.key}>{key}</span>
          </Text>
        </div>
      </Group>
      <Text size="sm" c="dimmed" className={classes.attributes} truncate>
        {shown
          .slice(0, MOST_ATTRIBUTES)
          .map(([attribute, value]) => `${attribute} ${valueLabel(value, 24)}`)
          .join(' · ')}
      </Text>
      <div className={classes.companions}>
        {Object.entries(companions).map(([otherKind, otherKey]) => (
          <Group key={otherKind} gap={4} wrap="nowrap" title={`last seen with ${otherKind} ${otherKey}`}>
            <KindIcon kind={otherKind} size={14} />
            <Text size="sm" c="dimmed" truncate>
              {otherKey}
            </Text>
          </Group>
        ))}
      </div>
      <Text size="sm" c="dimmed" className={classes.time}>
        <RelativeTime at={lastSeen} />
      </Text>
    </div>
  );
}

export function KindIcon({ kind, size = 18 }: { kind: string; size?: number }) {
  const Icon = { organization: IconBuilding, user: IconUser }[kind] ?? IconBox;
  return <Icon size={size} stroke={1.6} aria-hidden color="var(--mantine-color-dimmed)" style={{ flexShrink: 0 }} />;
}
