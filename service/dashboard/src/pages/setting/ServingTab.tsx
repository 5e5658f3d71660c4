// What the setting serves, in the order in which it is decided.
import { Alert, Select, Stack } from '@mantine/core';
import { IconPower } from '@tabler/icons-react';
import { useState } from 'react';
import { OutcomeEditor } from '../../components/OutcomeEditor.js';
import { Section } from '../../components/Section.js';
import { variationLabel } from '../../describe.js';
import type { Variation } from '../../model.js';
import type { Definition } from '../../settings.js';
import { NewValue } from './NewValue.js';
import { Overrides } from './Overrides.js';
import { Prerequisites } from './Prerequisites.js';
import { Rules } from './Rules.js';
import type { Editing } from './useDraft.js';

interface ServingTabProps {
  environment: string;
  editing: Editing;
  definition: Definition;
  mayEdit: boolean;
  /** Whether a value may be written in place: values are the same everywhere. */
  mayAddValues: boolean;
}

export function ServingTab({ environment, editing, definition, mayEdit, mayAddValues }: ServingTabProps) {
  const { base, draft, edit } = editing;
  const { variations } = draft;
  const [asked, ask] = useState<{ use: (index: number) => void }>();
  const canAdd = mayEdit && mayAddValues && definition.type !== 'boolean';
  const onNewValue = canAdd ? (use: (index: number) => void) => ask({ use }) : undefined;
  const addValue = (variation: Variation) => {
    edit((now) => ({ variations: [...now.variations, variation] }));
    asked?.use(variations.length);
    ask(undefined);
  };
  const parts = { environment, draft, edit, disabled: !mayEdit, onNewValue };
  return (
    <Stack gap="md">
      {!base.item.on && (
        <Alert variant="light" color="gray" icon={<IconPower aria-hidden />}>
          It is off: everyone gets {variationLabel(base.item.offVariation, definition.variations)}. What is below takes
          effect when it is turned on.
        </Alert>
      )}
      <Overrides {...parts} />
      <Rules {...parts} />
      <Section title="Everyone else" lead="Served when no override and no rule fits.">
        <OutcomeEditor
          label="Everyone else gets"
          outcome={draft.fallthrough}
          variations={variations}
          disabled={!mayEdit}
          onNewValue={onNewValue}
          onChange={(fallthrough) => edit({ fallthrough })}
        />
      </Section>
      <Section title="When off" lead="Served to everyone while it is turned off, or a prerequisite is not met.">
        <Select
          maw={360}
          aria-label="When off, everyone gets"
          disabled={!mayEdit}
          allowDeselect={false}
          data={[
            ...variations.map((_, index) => ({ value: String(index), label: variationLabel(index, variations) })),
            { value: 'none', label: "The default value in the server's code" },
          ]}
          value={draft.offVariation === null ? 'none' : String(draft.offVariation)}
          onChange={(choice) => edit({ offVariation: choice === 'none' ? null : Number(choice) })}
        />
      </Section>
      <Prerequisites {...parts} settingKey={definition.key} />
      <NewValue
        type={definition.type}
        opened={asked !== undefined}
        onClose={() => ask(undefined)}
        onAdd={addValue}
        taken={variations}
      />
    </Stack>
  );
}
