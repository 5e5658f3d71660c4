import { Input, Skeleton } from '@mantine/core';
import { lazy, Suspense, useId } from 'react';

export interface JsonEditorProps {
  /** The text; what is typed need not be JSON yet. */
  value: string;
  onChange: (value: string) => void;
  label: string;
  description?: string;
  /** A fault that others than the editor's own parser found. */
  error?: string | undefined;
  disabled?: boolean;
  minHeight?: number;
}

/** The editor is as large as the rest of a page, so it comes when it is needed. */
const CodeEditor = lazy(() => import('./CodeEditor.js'));

export function JsonEditor({ label, description, error, minHeight = 96, ...rest }: JsonEditorProps) {
  const id = useId();
  return (
    <Input.Wrapper label={label} description={description} error={error} id={id} labelElement="div">
      <Suspense fallback={<Skeleton height={minHeight} radius="md" mt={4} />}>
        <CodeEditor {...rest} label={label} minHeight={minHeight} />
      </Suspense>
    </Input.Wrapper>
  );
}

/** The value of a text, or why it is none. */
export function parseJson(text: string): { value: unknown } | { fault: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { fault: text.trim() === '' ? 'There is no value' : `This is not JSON yet: ${(error as Error).message}` };
  }
}
