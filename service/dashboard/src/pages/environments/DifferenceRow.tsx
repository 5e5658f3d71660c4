import { ActionIcon, Checkbox, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { DiffView } from '../../components/DiffView.js';
import { list } from '../../describe.js';
import { describeItems, fieldName } from '../../describe-change.js';
import type { Json, VariationsByKey } from '../../model.js';
import classes from './environments.module.css';

export interface Difference {
  kind: 'setting' | 'segment';
  key: string;
  /** Fields that differ; null when it is not there. */
  here: { [field: string]: Json } | null;
  there: { [field: string]: Json } | null;
}

interface DifferenceRowProps {
  difference: Difference;
  names: { here: string; there: string };
  variations: VariationsByKey;
  isChosen: boolean;
  onChoose: (isChosen: boolean) => void;
}

export function DifferenceRow({ difference, names, variations, isChosen, onChoose }: DifferenceRowProps) {
  const { kind, key, here, there } = difference;
  const [isOpen, setOpen] = useState(false);
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <>
      <div className={classes.difference}>
        <Checkbox
          aria-label={`Copy ${kind} ${key}`}
          checked={isChosen}
          disabled={there === null}
          onChange={(event) => onChoose(event.currentTarget.checked)}
        />
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-expanded={isOpen}
          aria-label={`Difference of ${key}`}
          onClick={() => setOpen(!isOpen)}
        >
          <Chevron size={16} />
        </ActionIcon>
        <div className={classes.cell}>
          <Text size="sm" fw={600} truncate>
            {kind === 'segment' && 'segment '}
            {key}
          </Text>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {whatDiffers(difference, names, variations)}
          </Text>
        </div>
      </div>
      {isOpen && (
        <div className={classes.details}>
          <Text size="xs" c="dimmed" mb={4}>
            − as in {names.here}, + as in {names.there}
          </Text>
          <DiffView item={{ kind, key, before: here, after: there }} variations={variations} />
        </div>
      )}
    </>
  );
}

function whatDiffers(
  { kind, key, here, there }: Difference,
  names: { here: string; there: string },
  variations: DifferenceRowProps['variations'],
): string {
  if (here === null) return `not in ${names.here}`;
  if (there === null) return `not in ${names.there}, so it cannot be copied from there`;
  const sentences = describeItems([{ kind, key, before: here, after: there }], variations);
  return sentences || list(Object.keys({ ...here, ...there }).map(fieldName), 'and', 5);
}
