import { Button, Group, NumberInput, Select, Slider, Stack, Text } from '@mantine/core';
import { variationLabel } from '../describe.js';
import type { Rollout, Variation } from '../model.js';
import { evenSplit, percent, setWeight } from '../weights.js';

interface RolloutEditorProps {
  rollout: Rollout;
  variations: readonly Variation[];
  onChange: (rollout: Rollout) => void;
}

/** Shares of a split. Moving one moves the others in proportion; the sum is always 100 %. */
export function RolloutEditor({ rollout, variations, onChange }: RolloutEditorProps) {
  const { variations: split } = rollout;
  const set = (index: number, weight: number) => onChange({ ...rollout, variations: setWeight(split, index, weight) });
  const unused = variations
    .map((_, index) => index)
    .filter((index) => !split.some(({ variation }) => variation === index));
  return (
    <Stack gap="sm">
      {split.map(({ variation, weight }, index) => (
        <Group key={variation} gap="md" wrap="nowrap">
          <Text size="sm" w={120} truncate title={variationLabel(variation, variations)}>
            {variationLabel(variation, variations)}
          </Text>
          <Slider
            flex={1}
            miw={80}
            min={0}
            max={100_000}
            step={1000}
            value={weight}
            label={percent}
            onChange={(next) => set(index, next)}
            thumbLabel={`Share of ${variationLabel(variation, variations)}`}
          />
          <NumberInput
            w={96}
            size="xs"
            suffix=" %"
            min={0}
            max={100}
            decimalScale={3}
            value={weight / 1000}
            aria-label={`Share of ${variationLabel(variation, variations)} in percent`}
            onChange={(next) => typeof next === 'number' && set(index, next * 1000)}
          />
        </Group>
      ))}
      <Group gap="xs">
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => onChange({ ...rollout, variations: evenSplit(split.map(({ variation }) => variation)) })}
        >
          Split evenly
        </Button>
        {unused.map((variation) => (
          <Button
            key={variation}
            size="compact-xs"
            variant="subtle"
            onClick={() => onChange({ ...rollout, variations: [...split, { variation, weight: 0 }] })}
          >
            Add {variationLabel(variation, variations)}
          </Button>
        ))}
        <Select
          size="xs"
          w={180}
          aria-label="Everyone with the same value gets the same"
          data={['user', 'organization']}
          value={rollout.contextKind || 'user'}
          allowDeselect={false}
          onChange={(contextKind) => onChange({ ...rollout, contextKind })}
        />
      </Group>
    </Stack>
  );
}
