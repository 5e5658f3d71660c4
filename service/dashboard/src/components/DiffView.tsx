import { Button, Collapse, Stack, Text } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';
import { type ChangedItem, changedParts } from '../changed-parts.js';
import { fieldName } from '../describe-change.js';
import { condense, type DiffLine, diffJson } from '../diff.js';
import { isSameJson } from '../json.js';
import type { Json, VariationsByKey } from '../model.js';
import classes from './DiffView.module.css';

interface DiffViewProps {
  item: ChangedItem;
  variations: VariationsByKey;
}

const SIGNS = { same: ' ', added: '+', removed: '−' } as const;

/** Two states of something, field by field, only what differs: in words, and as JSON when asked for. */
export function DiffView({ item, variations }: DiffViewProps) {
  const [showsJson, setShowsJson] = useState(false);
  if (isSameJson(item.before, item.after)) {
    return (
      <Text size="sm" c="dimmed">
        Nothing differs.
      </Text>
    );
  }
  const parts = changedParts(item, variations);
  return (
    <Stack gap={4}>
      {parts.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing else differs.
        </Text>
      ) : (
        <div className={classes.parts}>
          {parts.map(({ field, lines, isJson }) => (
            // biome-ignore lint/a11y/useSemanticElements: nothing here is a form
            <div key={field} className={classes.part} role="group" aria-label={`Difference: ${fieldName(field)}`}>
              <div className={classes.name}>{fieldName(field)}</div>
              <Lines lines={lines} isJson={isJson} />
            </div>
          ))}
        </div>
      )}
      <Button
        size="compact-xs"
        variant="subtle"
        color="gray"
        w="fit-content"
        aria-expanded={showsJson}
        onClick={() => setShowsJson(!showsJson)}
        rightSection={<IconChevronDown size={13} aria-hidden />}
      >
        {showsJson ? 'Hide JSON' : 'Show JSON'}
      </Button>
      <Collapse expanded={showsJson}>
        {showsJson && (
          <div className={classes.parts}>
            <Lines lines={diffJson((item.before ?? null) as Json, (item.after ?? null) as Json)} isJson />
          </div>
        )}
      </Collapse>
    </Stack>
  );
}

function Lines({ lines, isJson }: { lines: readonly DiffLine[]; isJson: boolean }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <div className={classes.lines} data-json={isJson || undefined} tabIndex={0}>
      {condense(lines).map((line, index) =>
        typeof line === 'number' ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
          <div key={index} className={classes.gap}>
            {`… ${line} ${line === 1 ? 'line' : 'lines'} the same`}
          </div>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <div key={index} className={classes[line.kind]}>
            <span>{SIGNS[line.kind]}</span> {line.text}
          </div>
        ),
      )}
    </div>
  );
}
