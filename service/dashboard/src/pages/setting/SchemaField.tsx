import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { JsonEditor, parseJson } from '../../components/JsonEditor.js';
import { Section } from '../../components/Section.js';
import { isSameJson } from '../../json.js';
import type { Json } from '../../model.js';

interface SchemaFieldProps {
  schema: Json;
  onChange: (schema: Json, fault: string | undefined) => void;
  error: string | undefined;
  disabled: boolean;
}

const EXAMPLE = { type: 'object', properties: {}, required: [] };

/** A JSON Schema that every value fits, so that nobody can save one that a server would choke on. */
export function SchemaField({ schema, onChange, error, disabled }: SchemaFieldProps) {
  const [text, setText] = useState(() => JSON.stringify(schema, null, 2));
  const [shown, setShown] = useState(schema);
  if (!isSameJson(shown, schema)) {
    setShown(schema);
    setText(JSON.stringify(schema, null, 2));
  }
  const parsed = parseJson(text);
  const set = (next: string) => {
    setText(next);
    const now = parseJson(next);
    if ('fault' in now) return onChange(schema, now.fault);
    setShown(now.value as Json);
    onChange(now.value as Json, undefined);
  };
  const remove = (
    <Button size="xs" variant="subtle" color="gray" onClick={() => set('null')}>
      Remove
    </Button>
  );
  return (
    <Section
      title="Value schema"
      lead="A JSON Schema that every value must fit. The service refuses what does not."
      action={!disabled && schema !== null && remove}
    >
      {schema === null ? (
        !disabled && (
          <Group>
            <Button size="xs" variant="light" onClick={() => set(JSON.stringify(EXAMPLE, null, 2))}>
              Add a schema
            </Button>
          </Group>
        )
      ) : (
        <JsonEditor
          label="JSON Schema"
          value={text}
          onChange={set}
          disabled={disabled}
          error={'fault' in parsed ? parsed.fault : error}
          minHeight={140}
        />
      )}
    </Section>
  );
}
