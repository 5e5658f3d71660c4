import { Box, Stack, Text } from '@mantine/core';
import { fieldName } from '../describe-change.js';
import { condense, diffJson } from '../diff.js';
import { isObject } from '../json.js';
import type { Json } from '../model.js';
import classes from './DiffView.module.css';

interface DiffViewProps {
  before: Json;
  after: Json;
}

const SIGNS = { same: ' ', added: '+', removed: '−' } as const;

/** Two versions of something, field by field, only what differs. Fields may be absent on either side. */
export function DiffView({ before, after }: DiffViewProps) {
  const fields = fieldsOf(before, after);
  if (fields.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing differs.
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      {fields.map(({ name, was, is }) => (
        <Box
          key={name}
          className={classes.field}
          role="group"
          aria-label={`Difference: ${fieldName(name) || 'the value'}`}
        >
          {name !== '' && <div className={classes.name}>{fieldName(name)}</div>}
          <Lines before={was} after={is} />
        </Box>
      ))}
    </Stack>
  );
}

function Lines({ before, after }: { before: Json | undefined; after: Json | undefined }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <pre className={classes.lines} tabIndex={0}>
      {condense(diffJson(before, after)).map((line, index) =>
        typeof line === 'number' ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
          <div key={index} className={classes.gap}>
            {`… ${line} ${line === 1 ? 'line' : 'lines'} the same`}
          </div>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <div key={index} className={classes[line.kind]}>
            {`${SIGNS[line.kind]} ${line.text}`}
          </div>
        ),
      )}
    </pre>
  );
}

interface Field {
  name: string;
  was: Json | undefined;
  is: Json | undefined;
}

function fieldsOf(before: Json, after: Json): Field[] {
  if (!isObject(before) || !isObject(after)) {
    const [was, is] = [before ?? undefined, after ?? undefined];
    return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ name: '', was, is }];
  }
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((name) => ({ name, was: before[name], is: after[name] }))
    .filter(({ was, is }) => JSON.stringify(was) !== JSON.stringify(is));
}
