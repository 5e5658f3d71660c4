import { Text } from '@mantine/core';
import { valueLabel, variationLabel } from '../describe.js';
import type { Json, Variation } from '../model.js';

interface ServedValueProps {
  value: Json;
  index: number | null;
  variations: readonly Variation[];
  isStrong?: boolean;
}

/** What somebody gets: the name people gave the value, and the value. */
export function ServedValue({ value, index, variations, isStrong = true }: ServedValueProps) {
  const text = valueLabel(value, 32);
  const name = index === null ? variationLabel(index, variations) : variations[index]?.name;
  return (
    <Text size="sm" fw={isStrong ? 600 : 400} truncate title={valueLabel(value, 400)}>
      {name || text}
      {index !== null && name && name !== text && (
        <Text span inherit fw={400} c="dimmed">
          {' '}
          {text}
        </Text>
      )}
    </Text>
  );
}
