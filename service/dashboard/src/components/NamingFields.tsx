import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { KEY_PATTERN, keyOf } from '../keys.js';

export interface Naming {
  readonly name: string;
  /** Made from the name until somebody types another. */
  readonly key: string;
  setName: (name: string) => void;
  setKey: (key: string) => void;
  reset: () => void;
}

export function useNaming(): Naming {
  const [name, setName] = useState('');
  const [typedKey, setKey] = useState<string>();
  const reset = () => {
    setName('');
    setKey(undefined);
  };
  return { name, key: typedKey ?? keyOf(name), setName, setKey, reset };
}

interface NamingFieldsProps {
  naming: Naming;
  /** An example of a name. */
  example: string;
  /** What the key is for. */
  purpose: string;
}

/** Name and key of something new. */
export function NamingFields({ naming: { name, key, setName, setKey }, example, purpose }: NamingFieldsProps) {
  return (
    <>
      <TextInput
        label="Name"
        placeholder={example}
        maxLength={256}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="Key"
        description={`${purpose} It cannot be changed later.`}
        required
        pattern={KEY_PATTERN}
        maxLength={256}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={key}
        onChange={(event) => setKey(event.currentTarget.value)}
      />
    </>
  );
}
