import { ActionIcon, Button, Group, Select, Stack, Text } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Section } from '../../components/Section.js';
import { variationLabel } from '../../describe.js';
import type { Prerequisite } from '../../model.js';
import { overviewQuery } from '../../settings.js';
import type { PartProps } from './Overrides.js';

const MAX_SHOWN = 50;

/** Other settings that must serve a certain value first. */
export function Prerequisites(props: PartProps & { settingKey: string }) {
  const { environment, draft, edit, disabled, settingKey } = props;
  const { prerequisites } = draft;
  const { data: rows = [] } = useQuery(overviewQuery(environment));
  const others = rows.filter(({ key }) => key !== settingKey && !prerequisites.some((one) => one.key === key));
  const set = (index: number, parts: Partial<Prerequisite>) =>
    edit((now) => ({
      prerequisites: now.prerequisites.with(index, { ...(now.prerequisites[index] as Prerequisite), ...parts }),
    }));
  const add = (key: string) => edit((now) => ({ prerequisites: [...now.prerequisites, { key, variation: 0 }] }));
  return (
    <Section
      title="Prerequisites"
      lead="Settings that must serve a certain value to somebody first; otherwise this one is off for them."
      action={
        !disabled &&
        others[0] && (
          <Button
            size="xs"
            variant="light"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => others[0] && add(others[0].key)}
          >
            Add one
          </Button>
        )
      }
    >
      {prerequisites.length > 0 && (
        <Stack gap={8}>
          {prerequisites.map(({ key, variation }, index) => {
            const variations = rows.find((row) => row.key === key)?.variations ?? [];
            return (
              <Group key={key} gap={8}>
                <Select
                  flex={1}
                  miw={180}
                  maw={360}
                  searchable
                  allowDeselect={false}
                  limit={MAX_SHOWN}
                  aria-label={`Prerequisite ${index + 1}`}
                  disabled={disabled}
                  data={[key, ...others.map((row) => row.key)]}
                  value={key}
                  onChange={(next) => next && set(index, { key: next, variation: 0 })}
                />
                <Text size="sm" c="dimmed">
                  serves
                </Text>
                <Select
                  w={180}
                  allowDeselect={false}
                  aria-label={`Value that ${key} must serve`}
                  disabled={disabled}
                  data={variations.map((_, at) => ({ value: String(at), label: variationLabel(at, variations) }))}
                  value={String(variation)}
                  onChange={(next) => next !== null && set(index, { variation: Number(next) })}
                />
                {!disabled && (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Remove the prerequisite ${key}`}
                    onClick={() => edit({ prerequisites: prerequisites.filter((_, other) => other !== index) })}
                  >
                    <IconX size={15} />
                  </ActionIcon>
                )}
              </Group>
            );
          })}
        </Stack>
      )}
    </Section>
  );
}
