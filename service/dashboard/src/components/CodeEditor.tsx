// CodeMirror for JSON. Imported lazily, by JsonEditor alone.
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { linter } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import { drawSelection, EditorView, keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';

interface CodeEditorProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  disabled?: boolean;
  minHeight: number;
}

const nonce = () => document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

const look = EditorView.theme({
  '&': {
    fontSize: '13px',
    border: '1px solid var(--mantine-color-default-border)',
    borderRadius: 'var(--mantine-radius-md)',
    background: 'var(--mantine-color-body)',
    marginTop: '4px',
  },
  '&.cm-focused': { outline: 'none', borderColor: 'var(--mantine-primary-color-filled)' },
  '.cm-content': { fontFamily: 'var(--mantine-font-family-monospace)', caretColor: 'var(--mantine-color-text)' },
  '.cm-scroller': { maxHeight: '360px', overflow: 'auto' },
});

/** Colours of the theme, so that they follow its scheme. */
const COLORS = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.propertyName, color: 'var(--mantine-primary-color-light-color)' },
    { tag: tags.string, color: 'var(--mantine-color-blue-light-color)' },
    { tag: [tags.number, tags.bool, tags.null], color: 'var(--mantine-color-orange-light-color)' },
  ]),
);

export default function CodeEditor({ value, onChange, label, disabled = false, minHeight }: CodeEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const scheme = useRef(new Compartment());
  const change = useRef(onChange);
  change.current = onChange;
  const isDark = useComputedColorScheme() === 'dark';
  const first = useRef({ value, isDark });

  useEffect(() => {
    const editor = new EditorView({
      doc: first.current.value,
      parent: box.current as HTMLDivElement,
      extensions: [
        EditorView.cspNonce.of(nonce()),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        COLORS,
        keymap.of([...defaultKeymap, ...historyKeymap]),
        json(),
        linter(jsonParseLinter()),
        EditorView.lineWrapping,
        EditorState.readOnly.of(disabled),
        EditorView.editable.of(!disabled),
        EditorView.contentAttributes.of({ 'aria-label': label }),
        look,
        EditorView.theme({ '.cm-content': { minHeight: `${minHeight - 2}px` } }),
        scheme.current.of(EditorView.darkTheme.of(first.current.isDark)),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) change.current(update.state.doc.toString());
        }),
      ],
    });
    view.current = editor;
    return () => editor.destroy();
  }, [disabled, label, minHeight]);

  useEffect(() => {
    view.current?.dispatch({ effects: scheme.current.reconfigure(EditorView.darkTheme.of(isDark)) });
  }, [isDark]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={box} />;
}
