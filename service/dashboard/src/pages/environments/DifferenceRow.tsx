import { ActionIcon, Checkbox, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { DiffView } from '../../components/DiffView.js';
import { list } from '../../describe.js';
import type { Json } from '../../model.js';
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
  isChosen: boolean;
  onChoose: (isChosen: boolean) => void;
}

export function DifferenceRow({ difference, names, isChosen, onChoose }: DifferenceRowProps) {
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
            {key}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {kind} · {whatDiffers(difference, names)}
          </Text>
        </div>
      </div>
      {isOpen && (
        <div className={classes.details}>
          <Text size="xs" c="dimmed" mb={4}>
            − as in {names.here}, + as in {names.there}
          </Text>
          <DiffView before={here} after={there} />
        </div>
      )}
    </>
  );
}

function whatDiffers({ here, there }: Difference, names: { here: string; there: string }): string {
  if (here === null) return `not in ${names.here}`;
  if (there === null) return `not in ${names.there}, so it cannot be copied from there`;
  return list(Object.keys({ ...here, ...there }), 'and', 5);
}
