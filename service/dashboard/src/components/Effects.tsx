// Whom a change gives another value, among the users and organizations seen lately.
import { Alert, Anchor, Group, List, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ApiError } from '../api.js';
import { type Change, type Preview, previewQuery, type Served } from '../changes.js';
import { countOfKind, formatNumber, list, valueLabel, variationLabel } from '../describe.js';
import type { Variation, VariationsByKey } from '../model.js';
import { useVariations } from '../variations.js';
import classes from './Effects.module.css';

const SHOWN = 8;

interface EffectsProps {
  environment: string;
  changes: readonly Change[];
  variations?: VariationsByKey;
}

/** Asks the service what changes would do, and tells it. Its height is the same before the answer and after. */
export function Effects({ environment, changes, variations = {} }: EffectsProps) {
  const { data, error } = useQuery(previewQuery(environment, changes));
  // A change may concern settings that need the changed one.
  const hasOthers = data?.transitions.some(({ setting }) => variations[setting] === undefined) === true;
  const others = useVariations(environment, hasOthers);
  if (error) return <Faults error={error} />;
  if (data === undefined)
    return <Skeleton height={44} radius="md" role="status" aria-label="Looking whom it concerns" />;
  const settings = new Set(data.transitions.map(({ setting }) => setting));
  const name = (setting: string, served: Served) => servedLabel(served, variations[setting] ?? others[setting]);
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>
        {effectSentence(data)}
      </Text>
      {data.transitions.length > 0 && (
        <Group gap={6}>
          {data.transitions.slice(0, SHOWN).map(({ setting, kind, count, before, after }) => (
            <span key={JSON.stringify([setting, kind, before, after])} className={classes.transition}>
              {countOfKind(count, kind)}: {settings.size > 1 && `${setting} `}
              {name(setting, before)} → {name(setting, after)}
            </span>
          ))}
        </Group>
      )}
      {data.examples.length > 0 && <Examples environment={environment} preview={data} name={name} />}
    </Stack>
  );
}

function Examples(props: { environment: string; preview: Preview; name: (setting: string, served: Served) => string }) {
  const { environment, preview, name } = props;
  const shown = preview.examples.slice(0, SHOWN);
  const isOfSeveral = preview.transitions.some(({ setting }) => setting !== preview.transitions[0]?.setting);
  const total = preview.transitions.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <ul className={classes.list} aria-label="Who gets another value">
        {shown.map(({ setting, kind, key, name: called, before, after }) => (
          <li key={`${setting} ${kind} ${key}`} className={classes.row}>
            <span className={classes.who}>
              <Anchor
                size="sm"
                renderRoot={(rest) => (
                  <Link {...rest} to="/$env/contexts/$kind/$key" params={{ env: environment, kind, key }} />
                )}
              >
                {called ?? key}
              </Anchor>
              <span className={classes.lesser}>{called === null || called === key ? kind : key}</span>
            </span>
            <span className={classes.values}>
              <span className={classes.lesser}>
                {isOfSeveral && `${setting} `}
                {name(setting, before)} →
              </span>{' '}
              {name(setting, after)}
            </span>
          </li>
        ))}
      </ul>
      {total > shown.length && (
        <Text size="xs" c="dimmed">
          and {formatNumber(total - shown.length)} more
        </Text>
      )}
    </>
  );
}

/** What speaks against a change, each fault where it is. */
export function Faults({ error }: { error: Error }) {
  const faults = ((error as ApiError).members?.errors ?? []) as { pointer: string; detail: string }[];
  return (
    <Alert color="red" variant="light" title="This cannot be saved yet" role="alert">
      {faults.length === 0 ? (
        error.message
      ) : (
        <List size="sm" spacing={2}>
          {faults.map(({ pointer, detail }) => (
            <List.Item key={pointer + detail}>
              <Text span size="xs" ff="monospace" c="dimmed">
                {pointer.replace(/^\/changes\/\d+\/patch/, '')}
              </Text>{' '}
              {detail}
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}

/** `7 of 60 users and 1 of 5 organizations seen lately get another value.` */
export function effectSentence({ considered, changed }: Preview): string {
  const kinds = Object.keys(considered).sort();
  if (kinds.length === 0) return 'Nobody has been seen here lately, so nobody can be named whom this concerns.';
  const all = list(kinds.map((kind) => countOfKind(considered[kind] ?? 0, kind)));
  const concerned = kinds.filter((kind) => (changed[kind] ?? 0) > 0);
  if (concerned.length === 0) return `Nobody of the ${all} seen lately gets another value.`;
  const parts = concerned.map(
    (kind) => `${formatNumber(changed[kind] ?? 0)} of ${countOfKind(considered[kind] ?? 0, kind)}`,
  );
  const one = concerned.length === 1 && changed[concerned[0] as string] === 1;
  return `${list(parts)} seen lately ${one ? 'gets' : 'get'} another value.`;
}

function servedLabel({ value, variationIndex }: Served, variations: readonly Variation[] | undefined): string {
  if (variationIndex === null) return "the caller's default";
  return variations?.[variationIndex] ? variationLabel(variationIndex, variations) : valueLabel(value);
}
