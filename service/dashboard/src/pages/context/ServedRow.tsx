import { ActionIcon, Skeleton, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import links from '../../components/links.module.css';
import { ServedValue } from '../../components/ServedValue.js';
import { TraceView } from '../../components/TraceView.js';
import type { ContextDetails, SettingForContext } from '../../contexts.js';
import { contextQuery } from '../../contexts.js';
import { variationLabel } from '../../describe.js';
import type { Variation } from '../../model.js';
import { describeReason, isPersonal } from '../../reasons.js';
import type { SettingRow } from '../../settings.js';
import { evaluateQuery } from '../../trace.js';
import classes from './context.module.css';
import { OverrideMenu } from './Override.js';

interface ServedRowProps {
  environment: string;
  kind: string;
  contextKey: string;
  row: SettingForContext;
  setting: SettingRow | undefined;
  seen: ContextDetails | undefined;
}

export function ServedRow({ environment, kind, contextKey, row, setting, seen }: ServedRowProps) {
  const [isOpen, setOpen] = useState(false);
  const variations = setting?.variations ?? [];
  const differs = row.variationIndex !== row.usual.variationIndex;
  // A split or an override decides about them alone, also when it comes to what others get.
  const isOwn = differs || isPersonal(row.reason, setting?.serving);
  const name = setting?.name ?? row.key;
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <>
      <div className={classes.row}>
        <ActionIcon
          variant="subtle"
          color="gray"
          className={classes.open}
          aria-expanded={isOpen}
          aria-label={`Why ${name} is served so`}
          onClick={() => setOpen(!isOpen)}
        >
          <Chevron size={16} />
        </ActionIcon>
        <div className={classes.setting}>
          <Link to="/$env/settings/$key" params={{ env: environment, key: row.key }} className={links.name}>
            {name}
          </Link>
          <Text size="xs" c="dimmed" ff="monospace" truncate>
            {row.key}
          </Text>
        </div>
        <div className={classes.value}>
          <ServedValue value={row.value} index={row.variationIndex} variations={variations} isStrong={isOwn} />
          <Text size="xs" c="dimmed" truncate>
            {differs ? `else ${variationLabel(row.usual.variationIndex, variations)}` : !isOwn && 'as everybody else'}
          </Text>
        </div>
        <Text size="sm" c="dimmed" className={classes.reason}>
          {describeReason(row.reason, setting?.serving)}
        </Text>
        <div className={classes.action}>{setting && <OverrideMenu setting={setting} />}</div>
      </div>
      {isOpen && (
        <div className={classes.trace}>
          <Trace
            environment={environment}
            kind={kind}
            contextKey={contextKey}
            settingKey={row.key}
            variations={variations}
            seen={seen}
          />
        </div>
      )}
    </>
  );
}

/** Asked of the service when it is opened, with everything that was last seen of them. */
function Trace(props: {
  environment: string;
  kind: string;
  contextKey: string;
  settingKey: string;
  variations: readonly Variation[];
  seen: ContextDetails | undefined;
}) {
  const { environment, kind, contextKey, settingKey, variations, seen } = props;
  const [[otherKind, otherKey] = ['', '']] = Object.entries(seen?.companions ?? {});
  const companion = useQuery({ ...contextQuery(environment, otherKind, otherKey), enabled: otherKind !== '' });
  const isReady = otherKind === '' || companion.data !== undefined;
  const context = {
    kind: 'multi',
    [kind]: { ...seen?.attributes, key: contextKey },
    ...(otherKind !== '' && { [otherKind]: { ...companion.data?.attributes, key: otherKey } }),
  };
  const { data, error } = useQuery({
    ...evaluateQuery(environment, context, { settings: [settingKey] }),
    enabled: isReady,
  });
  const result = data?.results[settingKey];
  if (error) return <Text c="red">{error.message}</Text>;
  if (result === undefined) return <Skeleton height={72} />;
  return <TraceView trace={result.trace} variations={variations} result={result} />;
}
