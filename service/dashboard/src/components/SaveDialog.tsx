// The last look before a change is made: what differs, whom it concerns, why; then now, later, or by somebody's leave.
import { Alert, Button, Collapse, Group, List, Menu, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconChevronDown, IconClock, IconFileText, IconLock, IconUserCheck, IconWorld } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, data } from '../api.js';
import { applyChanges, type Change, previewQuery } from '../changes.js';
import { list } from '../describe.js';
import { environmentsQuery, isProduction, policyQuery, useEnvironmentName } from '../environments.js';
import type { VariationsByKey } from '../model.js';
import { DiffView } from './DiffView.js';
import { Effects, Faults } from './Effects.js';
import { useAnnounce } from './Landing.js';
import classes from './SaveDialog.module.css';

interface SaveDialogProps {
  environment: string;
  opened: boolean;
  onClose: () => void;
  /** What is being changed: `New navigation`. */
  subject: string;
  changes: readonly Change[];
  /** What differs, one sentence each. */
  sentences: readonly string[];
  variations?: VariationsByKey;
  /** It was applied, or is kept for later: there is nothing left to save. */
  onSaved: () => void;
  /** Somebody saved before. The page has the new state and shows both. */
  onStale: () => void;
}

type Way = 'now' | 'draft' | 'approval' | 'schedule';

export function SaveDialog(props: SaveDialogProps) {
  const { environment, opened, onClose, subject } = props;
  const place = useEnvironmentName(environment);
  return (
    <Modal opened={opened} onClose={onClose} size="xl" title={`Save ${subject} in ${place}`}>
      {opened && <SaveForm {...props} place={place} />}
    </Modal>
  );
}

function SaveForm(props: SaveDialogProps & { place: string }) {
  const { environment, onClose, changes, sentences, variations, place } = props;
  const [comment, setComment] = useState('');
  const [asked, setAsked] = useState<Way>();
  const [at, setAt] = useState('');
  const [showsDiff, setShowsDiff] = useState(false);
  const { data: policy } = useQuery(policyQuery(environment));
  const { data: preview } = useQuery(previewQuery(environment, changes));
  const save = useSave(props, comment, at);
  const needsApproval = policy?.requiresApproval === true;
  const isFrozen = policy?.frozen != null;
  const usual: Way = isFrozen ? 'draft' : needsApproval ? 'approval' : 'now';
  const way = asked ?? usual;
  const submit = () => {
    if (!save.isPending && (way !== 'schedule' || at !== '')) save.mutate(way);
  };
  useHotkeys([['mod+Enter', submit]], []);
  const labels: Record<Way, string> = {
    now: `Apply to ${place} now`,
    draft: 'Save as draft',
    approval: 'Ask for approval',
    schedule: 'Schedule',
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        <List size="sm" spacing={2}>
          {sentences.map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
        {changes.some(({ definition }) => definition) && <SharedNotice />}
        {isFrozen && (
          <Alert color="blue" variant="light" icon={<IconLock aria-hidden />} title={`${place} is frozen`}>
            {policy.frozen?.reason} Keep the change as a draft until the freeze ends.
          </Alert>
        )}
        <Effects environment={environment} changes={changes} variations={variations} />
        <div>
          <Button
            size="compact-xs"
            variant="subtle"
            aria-expanded={showsDiff}
            onClick={() => setShowsDiff(!showsDiff)}
            rightSection={<IconChevronDown size={13} aria-hidden />}
          >
            {showsDiff ? 'Hide the exact difference' : 'Show the exact difference'}
          </Button>
          <Collapse expanded={showsDiff}>
            <Stack gap="xs" mt="xs">
              {preview?.items.map((item) => (
                <div key={`${item.environment} ${item.kind} ${item.key}`}>
                  <Text size="xs" c="dimmed" mb={4}>
                    {item.kind} {item.key} {item.environment === null ? 'everywhere' : `in ${item.environment}`}
                  </Text>
                  <DiffView item={item} variations={variations ?? {}} />
                </div>
              ))}
            </Stack>
          </Collapse>
        </div>
        <Textarea
          label="Why"
          placeholder="Kept in the activity. The next person on call will thank you."
          autosize
          minRows={1}
          maxRows={6}
          data-autofocus
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        {way === 'schedule' && (
          <TextInput
            type="datetime-local"
            label="When"
            description="In the time zone of this browser"
            required
            maw={260}
            min={localTime(Date.now())}
            value={at}
            onChange={(event) => setAt(event.currentTarget.value)}
          />
        )}
        {save.error && <Faults error={save.error} />}
        <Group justify="flex-end" gap="sm" className={classes.footer}>
          <Button variant="default" onClick={onClose}>
            Go on editing
          </Button>
          <Button.Group>
            <Button
              type="submit"
              color={way === 'now' && isProduction(environment) ? 'red.8' : undefined}
              loading={save.isPending}
            >
              {labels[way]}
            </Button>
            <Ways
              ways={(['now', 'approval', 'schedule', 'draft'] as const).filter(
                (one) => one !== way && (one !== 'now' || usual === 'now') && (one !== 'schedule' || usual === 'now'),
              )}
              labels={labels}
              color={way === 'now' && isProduction(environment) ? 'red.8' : undefined}
              onChoose={setAsked}
            />
          </Button.Group>
        </Group>
      </Stack>
    </form>
  );
}

const ICONS = { now: IconWorld, draft: IconFileText, approval: IconUserCheck, schedule: IconClock };

function Ways(props: {
  ways: readonly Way[];
  labels: Record<Way, string>;
  color: string | undefined;
  onChoose: (way: Way) => void;
}) {
  const { ways, labels, color, onChoose } = props;
  if (ways.length === 0) return null;
  return (
    <Menu position="top-end">
      <Menu.Target>
        <Button
          color={color}
          px={8}
          aria-label="Other ways to save"
          style={{ borderInlineStart: '1px solid #ffffff40' }}
        >
          <IconChevronDown size={16} aria-hidden />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {ways.map((way) => {
          const Icon = ICONS[way];
          return (
            <Menu.Item key={way} leftSection={<Icon size={16} aria-hidden />} onClick={() => onChoose(way)}>
              {way === 'schedule' ? 'Schedule …' : labels[way]}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Values are the same everywhere, so a change of one reaches environments that are not on the page. */
function SharedNotice() {
  const { data: all } = useQuery(environmentsQuery);
  const names = all?.environments.map(({ name }) => name) ?? [];
  return (
    <Alert color="yellow" variant="light" p="xs" icon={<IconWorld aria-hidden />}>
      Values are the same in every environment: this changes them in {list(names, 'and', 6) || 'all of them'}.
    </Alert>
  );
}

function useSave(props: SaveDialogProps, comment: string, at: string) {
  const { environment, changes, subject, sentences, onClose, onSaved, onStale } = props;
  const queries = useQueryClient();
  const announce = useAnnounce();
  return useMutation({
    mutationFn: async (way: Way) => {
      if (way === 'now') {
        const revision = await applyChanges(environment, changes, comment);
        announce({ environment, revision, what: `Changed ${subject}: ${list(sentences)}` });
        return;
      }
      const title = (comment || `${subject}: ${list(sentences)}`).slice(0, 200);
      await keep(environment, changes, title, way, at);
      const told = {
        draft: 'Kept as a draft. Nothing is live yet.',
        approval: 'Sent for approval. Nothing is live yet.',
        schedule: `Scheduled for ${new Date(at).toLocaleString('en')}. Nothing is live yet.`,
      }[way];
      notifications.show({
        title: subject,
        message: `${told} It is under Change sets.`,
        color: 'blue',
        autoClose: 8000,
      });
    },
    onSuccess: async () => {
      onSaved();
      onClose();
      await queries.invalidateQueries({ queryKey: [environment] });
    },
    onError: async (error) => {
      if (!(error instanceof ApiError) || error.code !== 'stale_version') return;
      await queries.invalidateQueries({ queryKey: [environment] });
      onStale();
    },
  });
}

/** Makes a change set, and takes its next step. */
async function keep(environment: string, changes: readonly Change[], title: string, way: Way, at: string) {
  const path = { env: environment };
  const body = { title, changes: changes.map((change) => ({ ...change })) };
  const { id } = await data(api.POST('/api/v1/environments/{env}/change-sets', { params: { path }, body }));
  const params = { path: { ...path, id } };
  if (way === 'approval') await api.POST('/api/v1/environments/{env}/change-sets/{id}/submit', { params });
  if (way === 'schedule') {
    const time = { at: new Date(at).toISOString() };
    await api.POST('/api/v1/environments/{env}/change-sets/{id}/schedule', { params, body: time });
  }
}

/** A time as the browser's own input takes it. */
function localTime(ms: number): string {
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
