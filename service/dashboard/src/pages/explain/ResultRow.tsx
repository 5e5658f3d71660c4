import { ActionIcon, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import links from '../../components/links.module.css';
import { ServedValue } from '../../components/ServedValue.js';
import { TraceView } from '../../components/TraceView.js';
import { valueLabel } from '../../describe.js';
import { describeReason } from '../../reasons.js';
import type { SettingRow } from '../../settings.js';
import type { Result } from '../../trace.js';
import classes from './explain.module.css';

interface ResultRowProps {
  environment: string;
  settingKey: string;
  setting: SettingRow | undefined;
  result: Result;
  /** What they get now, when that is another time. */
  current: Result | undefined;
  isChanged: boolean;
  isPast: boolean;
}

export function ResultRow(props: ResultRowProps) {
  const { environment, settingKey, setting, result, current, isChanged, isPast } = props;
  const [isOpen, setOpen] = useState(false);
  const name = setting?.name ?? settingKey;
  // Values may have had other names then.
  const variations = isPast ? [] : (setting?.variations ?? []);
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <>
      <div className={classes.row}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-expanded={isOpen}
          aria-label={`Why ${name} is served so`}
          onClick={() => setOpen(!isOpen)}
        >
          <Chevron size={16} />
        </ActionIcon>
        <div className={classes.cell}>
          <Link to="/$env/settings/$key" params={{ env: environment, key: settingKey }} className={links.name}>
            {name}
          </Link>
          <Text size="xs" c="dimmed" ff="monospace" truncate>
            {settingKey}
          </Text>
        </div>
        <div className={classes.cell}>
          <ServedValue value={result.value} index={result.variationIndex} variations={variations} />
          {isChanged && current && (
            <Text size="xs" c="dimmed" truncate>
              now {valueLabel(current.value, 40)}
            </Text>
          )}
        </div>
        <Text size="sm" c="dimmed" className={classes.reason}>
          {describeReason(result.reason, isPast ? undefined : setting?.serving)}
        </Text>
      </div>
      {isOpen && (
        <div className={classes.trace}>
          <TraceView trace={result.trace} variations={variations} result={result} />
        </div>
      )}
    </>
  );
}
