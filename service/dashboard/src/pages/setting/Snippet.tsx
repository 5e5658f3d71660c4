import { Box, Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { Section } from '../../components/Section.js';
import type { Json } from '../../model.js';
import type { Definition } from '../../settings.js';

/** How a server asks for it. */
export function Snippet({ definition }: { definition: Definition }) {
  const code = snippet(definition);
  return (
    <Section
      title="In code"
      lead="The last argument is what a server goes on with when nothing else is known."
      action={
        <CopyButton value={code}>
          {({ copied, copy }) => (
            <Button
              size="xs"
              variant="default"
              leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      }
    >
      <Box
        component="pre"
        m={0}
        p="sm"
        fz={13}
        tabIndex={0}
        ff="monospace"
        bg="var(--mantine-color-default-hover)"
        style={{ overflow: 'auto', borderRadius: 'var(--mantine-radius-sm)' }}
      >
        {code}
      </Box>
    </Section>
  );
}

export function snippet({ key, type, variations }: Pick<Definition, 'key' | 'type' | 'variations'>): string {
  const fallback = literal(variations.at(-1)?.value ?? null);
  const user = `{ kind: 'multi', user: { key: user.id }, organization: { key: user.organizationId } }`;
  return [
    `import * as feathery from 'feathery-server-sdk';`,
    '',
    `feathery.setSdkKey(process.env.FEATHERY_SDK_KEY);`,
    `const client = feathery.get();`,
    '',
    `const context = ${user};`,
    `const value = client.${type}Variation('${key}', context, ${fallback});`,
  ].join('\n');
}

function literal(value: Json): string {
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`;
  return JSON.stringify(value);
}
