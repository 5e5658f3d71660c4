import { NumberInput, SegmentedControl, Textarea, VisuallyHidden } from '@mantine/core';
import { useId, useState } from 'react';
import { isSameJson } from '../json.js';
import type { Json, SettingType } from '../model.js';
import { JsonEditor, parseJson } from './JsonEditor.js';

interface ValueEditorProps {
  type: SettingType;
  value: Json;
  /** Called with the value, or with why what was typed is none. */
  onChange: (value: Json, fault: string | undefined) => void;
  label: string;
  /** Why the service would refuse it. */
  error?: string | undefined;
  disabled?: boolean;
}

/** One value, edited as its type asks for. */
export function ValueEditor({ type, value, onChange, label, error, disabled }: ValueEditorProps) {
  if (type === 'json')
    return <JsonValue value={value} onChange={onChange} label={label} error={error} disabled={disabled} />;
  if (type === 'boolean') return <BooleanValue value={value} onChange={onChange} label={label} disabled={disabled} />;
  if (type === 'number') {
    return (
      <NumberInput
        label={label}
        error={error}
        disabled={disabled}
        value={typeof value === 'number' ? value : ''}
        onChange={(next) => onChange(next === '' ? 0 : Number(next), next === '' ? 'There is no number' : undefined)}
      />
    );
  }
  return (
    <Textarea
      label={label}
      error={error}
      disabled={disabled}
      autosize
      minRows={1}
      maxRows={12}
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => onChange(event.currentTarget.value, undefined)}
    />
  );
}

function BooleanValue({ value, onChange, label, disabled }: Omit<ValueEditorProps, 'type' | 'error'>) {
  const id = useId();
  return (
    <div>
      <VisuallyHidden id={id}>{label}</VisuallyHidden>
      <SegmentedControl
        size="xs"
        aria-labelledby={id}
        disabled={disabled}
        data={['true', 'false']}
        value={String(value)}
        onChange={(next) => onChange(next === 'true', undefined)}
      />
    </div>
  );
}

/** Keeps the text as it was typed: formatting is the author's, and half a value is no value yet. */
function JsonValue({ value, onChange, label, error, disabled }: Omit<ValueEditorProps, 'type'>) {
  const [text, setText] = useState(() => JSON.stringify(value, null, 2));
  const [shown, setShown] = useState<Json>(value);
  const parsed = parseJson(text);
  if (!isSameJson(shown, value)) {
    setShown(value);
    if ('fault' in parsed || !isSameJson(parsed.value, value)) setText(JSON.stringify(value, null, 2));
  }
  return (
    <JsonEditor
      label={label}
      value={text}
      disabled={disabled}
      error={'fault' in parsed ? parsed.fault : error}
      onChange={(next) => {
        setText(next);
        const now = parseJson(next);
        if ('fault' in now) onChange(value, now.fault);
        else {
          setShown(now.value as Json);
          onChange(now.value as Json, undefined);
        }
      }}
    />
  );
}

/** What a new value of a type begins as. */
export function firstValue(type: SettingType): Json {
  return { boolean: true, string: '', number: 0, json: {} }[type];
}
