import { Select, Stack } from '@mantine/core';
import { variationLabel } from '../describe.js';
import type { Outcome, Variation } from '../model.js';
import { evenSplit } from '../weights.js';
import { RolloutEditor } from './RolloutEditor.js';

interface OutcomeEditorProps {
  outcome: Outcome;
  variations: readonly Variation[];
  onChange: (outcome: Outcome) => void;
  /** What it decides, for screen readers. */
  label: string;
  disabled?: boolean;
  /** Absent: a value that is not there yet cannot be asked for here. */
  onNewValue?: (use: (index: number) => void) => void;
}

const SPLIT = 'split';
const NEW = 'new';

/** One variation, or a split among several. */
export function OutcomeEditor({ outcome, variations, onChange, label, disabled, onNewValue }: OutcomeEditorProps) {
  const { rollout } = outcome;
  const isSplit = rollout !== undefined && rollout !== null && typeof outcome.variation !== 'number';
  const choose = (choice: string | null) => {
    if (choice === NEW) onNewValue?.((variation) => onChange({ variation }));
    else if (choice === SPLIT) onChange(split(outcome, variations));
    else if (choice !== null) onChange({ variation: Number(choice) });
  };
  return (
    <Stack gap="sm">
      <Select
        size="sm"
        maw={360}
        aria-label={label}
        disabled={disabled}
        allowDeselect={false}
        data={[
          ...variations.map((_, index) => ({ value: String(index), label: variationLabel(index, variations) })),
          ...(variations.length > 1 ? [{ value: SPLIT, label: 'A split by percentage …' }] : []),
          ...(onNewValue ? [{ value: NEW, label: 'A new value …' }] : []),
        ]}
        value={isSplit ? SPLIT : String(outcome.variation ?? '')}
        placeholder="Choose a value"
        error={isSplit || typeof outcome.variation === 'number' ? undefined : 'Choose what is served'}
        onChange={choose}
      />
      {isSplit && (
        <RolloutEditor
          rollout={rollout}
          variations={variations}
          disabled={disabled}
          onChange={(next) => onChange({ rollout: next })}
        />
      )}
    </Stack>
  );
}

/** A new split begins with everyone where they are; only the sliders move anybody. */
function split({ variation }: Outcome, variations: readonly Variation[]): Outcome {
  const all = variations.map((_, index) => index).slice(0, 2);
  const first = typeof variation === 'number' ? variation : 0;
  const indexes = [...new Set([first, ...all])].slice(0, Math.max(2, all.length)).sort((a, b) => a - b);
  const shares =
    typeof variation === 'number'
      ? indexes.map((index) => ({ variation: index, weight: index === variation ? 100_000 : 0 }))
      : evenSplit(indexes);
  return { rollout: { kind: 'rollout', contextKind: 'user', variations: shares } };
}
