import { Autocomplete, Button, Group, NumberInput, Slider, Stack, Text } from '@mantine/core';
import { variationLabel } from '../describe.js';
import { FULL_WEIGHT, type Rollout, type Variation } from '../model.js';
import { evenSplit, percent, setWeight } from '../weights.js';

interface RolloutEditorProps {
  rollout: Rollout;
  variations: readonly Variation[];
  onChange: (rollout: Rollout) => void;
  disabled?: boolean;
}

const STEP = 1000;
const COLORS = ['teal.7', 'blue.6', 'grape.6', 'orange.6', 'pink.6', 'lime.7', 'cyan.7', 'gray.6'];

/** The colour a variation has wherever shares are drawn. */
export function variationColor(index: number): string {
  return COLORS[index % COLORS.length] as string;
}

/** Shares of a split. Moving one moves the others in proportion; the sum is always 100 %. */
export function RolloutEditor({ rollout, variations, onChange, disabled }: RolloutEditorProps) {
  const { variations: split } = rollout;
  const change = (next: Rollout['variations']) => onChange({ ...rollout, variations: next });
  const unused = variations
    .map((_, index) => index)
    .filter((index) => !split.some(({ variation }) => variation === index));
  return (
    <Stack gap="xs">
      {split.map(({ variation, weight }, index) => {
        const name = variationLabel(variation, variations);
        return (
          <Group key={variation} gap="sm" wrap="nowrap">
            <Text size="sm" w={110} truncate title={name}>
              {name}
            </Text>
            <Slider
              flex={1}
              miw={60}
              size="sm"
              min={0}
              max={FULL_WEIGHT}
              step={STEP}
              color={variationColor(variation)}
              value={weight}
              label={percent}
              disabled={disabled}
              onChange={(next) => change(setWeight(split, index, next))}
              thumbLabel={`Share of ${name}`}
            />
            <NumberInput
              w={92}
              size="xs"
              suffix=" %"
              min={0}
              max={100}
              decimalScale={3}
              disabled={disabled}
              value={weight / 1000}
              aria-label={`Share of ${name} in percent`}
              onChange={(next) => typeof next === 'number' && change(setWeight(split, index, next * 1000))}
            />
          </Group>
        );
      })}
      <Group gap={6}>
        {!disabled && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => change(evenSplit(split.map(({ variation }) => variation)))}
          >
            Split evenly
          </Button>
        )}
        {!disabled &&
          unused.map((variation) => (
            <Button
              key={variation}
              size="compact-xs"
              variant="subtle"
              onClick={() => change([...split, { variation, weight: 0 }])}
            >
              Add {variationLabel(variation, variations)}
            </Button>
          ))}
        <Group gap={6} wrap="nowrap">
          <Text size="xs" c="dimmed">
            dealt by
          </Text>
          <Autocomplete
            size="xs"
            w={130}
            aria-label="Everyone with the same key of this kind gets the same"
            data={['user', 'organization']}
            filter={({ options }) => options}
            disabled={disabled}
            value={rollout.contextKind || 'user'}
            onChange={(contextKind) => onChange({ ...rollout, contextKind })}
          />
        </Group>
      </Group>
    </Stack>
  );
}
