import { Paper, Skeleton, Text, Title } from '@mantine/core';
import type { ContextDetails } from '../../contexts.js';
import { valueLabel } from '../../describe.js';
import classes from './context.module.css';

const MOST_CHARACTERS = 200;

export function Attributes({ seen }: { environment: string; seen: ContextDetails | null | undefined }) {
  const attributes = Object.entries(seen?.attributes ?? {});
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="attributes">
      <Title order={2} size="h5" id="attributes" mb="xs">
        Attributes
      </Title>
      {seen === undefined && <Skeleton height={88} />}
      {seen !== undefined && attributes.length === 0 && (
        <Text size="sm" c="dimmed">
          None are known. Private attributes are never sent to Feathery.
        </Text>
      )}
      {attributes.length > 0 && (
        <dl className={classes.attributes}>
          {attributes.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{valueLabel(value, MOST_CHARACTERS)}</dd>
            </div>
          ))}
        </dl>
      )}
    </Paper>
  );
}
