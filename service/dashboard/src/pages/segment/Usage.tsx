import { Anchor, Group, Skeleton, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Section } from '../../components/Section.js';
import type { SegmentUsage } from '../../segments.js';

export function Usage({ environment, usage }: { environment: string; usage: SegmentUsage | undefined }) {
  const total = usage ? usage.settings.length + usage.segments.length : undefined;
  return (
    <Section title="Used by" lead="What changes for their members when this segment does.">
      {usage === undefined && <Skeleton height={24} />}
      {total === 0 && <Text size="sm">Nothing asks for it.</Text>}
      {usage && total !== 0 && (
        <Group gap="md" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
          {usage.settings.map((key) => (
            <li key={`setting ${key}`}>
              <Anchor
                size="sm"
                renderRoot={(rest) => <Link {...rest} to="/$env/settings/$key" params={{ env: environment, key }} />}
              >
                {key}
              </Anchor>
            </li>
          ))}
          {usage.segments.map((key) => (
            <li key={`segment ${key}`}>
              <Text span size="sm" c="dimmed">
                segment{' '}
              </Text>
              <Anchor
                size="sm"
                renderRoot={(rest) => <Link {...rest} to="/$env/segments/$key" params={{ env: environment, key }} />}
              >
                {key}
              </Anchor>
            </li>
          ))}
        </Group>
      )}
    </Section>
  );
}
