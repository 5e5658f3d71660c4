import { Button, Group, Paper, Text, Transition } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Change } from '../../changes.js';
import { previewQuery } from '../../changes.js';
import { effectSentence } from '../../components/Effects.js';
import { isComplete } from '../../components/RuleEditor.js';
import { list } from '../../describe.js';
import type { Clause } from '../../model.js';
import classes from './setting.module.css';

const TYPING_MS = 350;
/** What cannot be saved is not asked about: it would only be refused. */
const NOTHING: readonly Change[] = [];

interface SaveBarProps {
  environment: string;
  isShown: boolean;
  /** Why it cannot be saved yet. */
  reason: string | undefined;
  /** What differs. */
  sentences: readonly string[];
  changes: readonly Change[];
  onSave: () => void;
  onDiscard: () => void;
}

interface DraftState {
  hasConflict: boolean;
  hasFault?: boolean;
  rules: readonly { clauses?: readonly Clause[] | null | undefined }[];
}

export function reasonNotToSave({ hasConflict, hasFault, rules }: DraftState): string | undefined {
  if (hasConflict) return 'Somebody has changed the same. Choose above which version is to be saved.';
  if (hasFault) return 'A value is not right yet: see Values.';
  if (rules.some(({ clauses }) => clauses?.every(isComplete) === false))
    return 'A rule is not complete yet: fill in what is red.';
  return undefined;
}

/** Always in sight while something is not live yet. */
export function SaveBar({ environment, isShown, reason, sentences, changes, onSave, onDiscard }: SaveBarProps) {
  const [settled] = useDebouncedValue(reason === undefined ? changes : NOTHING, TYPING_MS);
  const { data: preview, error } = useQuery({
    ...previewQuery(environment, settled),
    // The sentence stays until there is another one.
    placeholderData: keepPreviousData,
  });
  return (
    <Transition mounted={isShown} transition="slide-up" duration={120}>
      {(style) => (
        <Paper
          withBorder
          shadow="md"
          radius="lg"
          className={classes.bar}
          style={style}
          component="aside"
          aria-label="Not live yet"
        >
          <Group justify="space-between" wrap="nowrap" gap="md">
            <div style={{ minWidth: 0 }}>
              <Text size="sm" fw={600} lineClamp={2} title={sentences.join('\n')}>
                {sentences.length === 0 ? 'Not live yet' : `Not live yet: ${list(sentences, 'and', 3)}`}
              </Text>
              <Text size="xs" c={error || reason ? 'red' : 'dimmed'} lineClamp={2} aria-live="polite">
                {reason ?? (error ? error.message : preview ? effectSentence(preview) : ' ')}
              </Text>
            </div>
            <Group gap="xs" wrap="nowrap" style={{ flexShrink: 0 }}>
              <Button variant="default" onClick={onDiscard}>
                Discard
              </Button>
              <Button disabled={reason !== undefined} onClick={onSave}>
                Review and save
              </Button>
            </Group>
          </Group>
        </Paper>
      )}
    </Transition>
  );
}
