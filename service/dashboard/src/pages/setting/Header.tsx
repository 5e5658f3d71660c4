import { ActionIcon, Badge, CopyButton, Group, Menu, Paper, Text, Title, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconDots, IconPencil, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { BackLink } from '../../components/BackLink.js';
import { FlipSwitch } from '../../components/Flip.js';
import { LandingLine } from '../../components/Landing.js';
import { useTitle } from '../../components/title.js';
import { describeServing, servingOf } from '../../describe.js';
import { useEnvironmentName } from '../../environments.js';
import { useLive } from '../../live.js';
import { type SettingItem, TYPE_NAMES } from '../../model.js';
import { mayEditEverywhere, useSession } from '../../session.js';
import type { Definition } from '../../settings.js';
import { DeleteSetting } from './DeleteSetting.js';
import { EditDetails } from './EditDetails.js';

interface HeaderProps {
  environment: string;
  item: SettingItem;
  definition: Definition;
}

/** What it is, and what is live now; never what is only being edited. */
export function Header({ environment, item, definition }: HeaderProps) {
  const place = useEnvironmentName(environment);
  useTitle(definition.name);
  const { name, description, key, tags, type, variations } = definition;
  return (
    <div>
      <BackLink to="/$env/settings" environment={environment}>
        Settings
      </BackLink>
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Title>
          <Group gap={6} mt={2}>
            <Text size="sm" ff="monospace" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {key}
            </Text>
            <CopyKey text={key} />
            <Badge size="sm" variant="default" radius="sm" tt="none" fw={500}>
              {TYPE_NAMES[type]}
            </Badge>
            {tags.map((tag) => (
              <Badge key={tag} size="sm" variant="light" color="gray" radius="sm" tt="none" fw={500}>
                {tag}
              </Badge>
            ))}
          </Group>
        </div>
        <More environment={environment} definition={definition} />
      </Group>
      {description && (
        <Text size="sm" c="dimmed" mt={6} maw={720}>
          {description}
        </Text>
      )}
      <Paper withBorder radius="md" px="md" py="sm" mt="md">
        <Group gap="md" wrap="nowrap">
          <FlipSwitch
            environment={environment}
            size="lg"
            setting={{ key, name, on: item.on, version: item.version, variations }}
          />
          <div style={{ minWidth: 0, flex: 1 }}>
            <Text size="xs" c="dimmed" fw={500}>
              Live in {place}
            </Text>
            <Text fw={500}>{capital(describeServing(servingOf(item), variations))}</Text>
          </div>
          <LatestLanding settingKey={key} />
        </Group>
      </Paper>
    </div>
  );
}

/** How the newest change of this setting that was made while the page was open has landed. */
function LatestLanding({ settingKey }: { settingKey: string }) {
  const { changes } = useLive();
  const latest = changes.find(({ items }) => items.some(({ key }) => key === settingKey));
  if (latest === undefined) return null;
  return (
    <Group visibleFrom="sm" wrap="nowrap" aria-hidden>
      <LandingLine revision={latest.revision} />
    </Group>
  );
}

function CopyKey({ text }: { text: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : 'Copy the key'}>
          <ActionIcon size="xs" variant="subtle" color="gray" aria-label="Copy the key" onClick={copy}>
            {copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

function More({ environment, definition }: { environment: string; definition: Definition }) {
  const [opened, open] = useState<'details' | 'delete'>();
  const close = () => open(undefined);
  if (!mayEditEverywhere(useSession())) return null;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size="lg" aria-label="More about this setting">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => open('details')}>
            Name, description and tags
          </Menu.Item>
          <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => open('delete')}>
            Delete …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <EditDetails environment={environment} definition={definition} opened={opened === 'details'} onClose={close} />
      <DeleteSetting environment={environment} definition={definition} opened={opened === 'delete'} onClose={close} />
    </>
  );
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
