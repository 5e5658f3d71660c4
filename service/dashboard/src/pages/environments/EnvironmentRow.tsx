import { ActionIcon, Badge, Group, Menu, Text, Textarea, TextInput } from '@mantine/core';
import { IconDots, IconLock, IconLockOpen, IconUserCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { FormDialog } from '../../components/FormDialog.js';
import links from '../../components/links.module.css';
import { RelativeTime } from '../../components/RelativeTime.js';
import { WriteButton } from '../../components/WriteButton.js';
import { environmentsQuery, policyQuery } from '../../environments.js';
import { useAdminReason, useEditReason } from '../../rights.js';
import classes from './environments.module.css';

export interface Environment {
  key: string;
  name: string;
  revision: number;
  createdAt: string;
  settingCount: number;
  segmentCount: number;
}

type Deed = 'freeze' | 'unfreeze' | 'approval' | 'rename' | 'delete';

export function EnvironmentRow({ environment, isHere }: { environment: Environment; isHere: boolean }) {
  const { key, name, revision, settingCount, segmentCount, createdAt } = environment;
  const { data: policy } = useQuery(policyQuery(key));
  return (
    <div className={classes.row}>
      <div className={classes.cell}>
        <Group gap={8} wrap="nowrap">
          <Link to="/$env/settings" params={{ env: key }} className={links.name}>
            {name}
          </Link>
          {isHere && (
            <Badge size="sm" variant="light" color="gray" tt="none" radius="sm" fw={500} style={{ flexShrink: 0 }}>
              you are here
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed" truncate>
          <span className={classes.key}>{key}</span> · since <RelativeTime at={createdAt} />
        </Text>
      </div>
      <Text size="sm" c="dimmed" className={classes.counts}>
        revision {revision} · {settingCount} settings · {segmentCount} segments
      </Text>
      <div className={classes.policy}>
        {policy?.frozen && (
          <Text size="sm">
            <IconLock size={14} aria-hidden className={classes.icon} /> Frozen by {policy.frozen.by}{' '}
            <RelativeTime at={policy.frozen.at} />: “{policy.frozen.reason}”
          </Text>
        )}
        {policy?.requiresApproval && (
          <Text size="sm">
            <IconUserCheck size={14} aria-hidden className={classes.icon} /> Changes need a second member
          </Text>
        )}
        {policy && !policy.frozen && !policy.requiresApproval && (
          <Text size="sm" c="dimmed">
            open to changes
          </Text>
        )}
      </div>
      <Deeds
        environment={environment}
        isHere={isHere}
        isFrozen={policy?.frozen != null}
        requiresApproval={policy?.requiresApproval === true}
      />
    </div>
  );
}

function Deeds(props: { environment: Environment; isHere: boolean; isFrozen: boolean; requiresApproval: boolean }) {
  const { environment, isHere, isFrozen, requiresApproval } = props;
  const { key, name } = environment;
  const admin = useAdminReason();
  const edit = useEditReason(key);
  const { env } = useParams({ from: '/$env/environments' });
  const [asked, ask] = useState<Deed>();
  const [reason, setReason] = useState('');
  const [newName, setNewName] = useState(name);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const params = { path: { env: key } };
  const act = useMutation({
    mutationFn: async (deed: Deed) => {
      if (deed === 'freeze') await api.PUT('/api/v1/environments/{env}/freeze', { params, body: { reason } });
      if (deed === 'unfreeze') await api.DELETE('/api/v1/environments/{env}/freeze', { params });
      if (deed === 'rename') await api.PATCH('/api/v1/environments/{env}', { params, body: { name: newName } });
      if (deed === 'delete') await api.DELETE('/api/v1/environments/{env}', { params });
      if (deed === 'approval') {
        await api.PUT('/api/v1/environments/{env}/approval', { params, body: { required: !requiresApproval } });
      }
    },
    onSuccess: async (_nothing, deed) => {
      ask(undefined);
      await queries.invalidateQueries({ queryKey: environmentsQuery.queryKey });
      await queries.invalidateQueries({ queryKey: [key] });
      if (deed === 'delete' && key === env) await navigate({ to: '/' });
    },
  });
  const open = (deed: Deed) => {
    act.reset();
    setReason('');
    setNewName(name);
    ask(deed);
  };
  const shared = { onClose: () => ask(undefined), isPending: act.isPending, error: act.error };
  return (
    <div className={classes.actions}>
      <WriteButton
        size="compact-sm"
        variant="default"
        reason={isFrozen ? admin : edit}
        leftSection={isFrozen ? <IconLockOpen size={14} aria-hidden /> : <IconLock size={14} aria-hidden />}
        aria-label={isFrozen ? `End freeze of ${name}` : `Freeze ${name}`}
        onClick={() => open(isFrozen ? 'unfreeze' : 'freeze')}
      >
        {isFrozen ? 'End freeze' : 'Freeze'}
      </WriteButton>
      {admin === undefined && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`More for ${name}`}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => open('rename')}>Rename …</Menu.Item>
            <Menu.Item onClick={() => open('approval')}>
              {requiresApproval ? 'Ask for no approvals …' : 'Ask for approvals …'}
            </Menu.Item>
            <Menu.Item color="red" disabled={isHere} onClick={() => open('delete')}>
              {isHere ? 'Delete: go to another one first' : 'Delete …'}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <FormDialog
        {...shared}
        opened={asked === 'freeze'}
        title={`Freeze ${name}?`}
        verb="Freeze"
        onSubmit={() => act.mutate('freeze')}
      >
        <Text size="sm">
          Nobody can change what it serves until an admin ends the freeze. Servers go on as they are. Scheduled change
          sets fail.
        </Text>
        <Textarea
          label="Why"
          description="Everybody who tries to change something reads this"
          placeholder="Year-end closing until 4 January. Ask the operations team."
          required
          autosize
          maxLength={1024}
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </FormDialog>
      <ConfirmDialog
        {...shared}
        opened={asked === 'unfreeze'}
        title={`End the freeze of ${name}?`}
        verb="End the freeze"
        onConfirm={() => act.mutate('unfreeze')}
      >
        Changes get through again at once.
      </ConfirmDialog>
      <ConfirmDialog
        {...shared}
        opened={asked === 'approval'}
        title={requiresApproval ? `Let changes of ${name} through at once?` : `Ask for approvals in ${name}?`}
        verb={requiresApproval ? 'Ask for no approvals' : 'Ask for approvals'}
        onConfirm={() => act.mutate('approval')}
      >
        {requiresApproval
          ? 'Whoever may change it can do so without a second member.'
          : 'Every change of what it serves then needs the approval of a second member, in an incident as well. Changes by tokens are refused.'}
      </ConfirmDialog>
      <FormDialog
        {...shared}
        opened={asked === 'rename'}
        title={`Rename ${name}`}
        verb="Rename"
        onSubmit={() => act.mutate('rename')}
      >
        <TextInput
          label="Name"
          description={`The key stays ${key}`}
          required
          maxLength={256}
          data-autofocus
          value={newName}
          onChange={(event) => setNewName(event.currentTarget.value)}
        />
      </FormDialog>
      <ConfirmDialog
        {...shared}
        opened={asked === 'delete'}
        title={`Delete ${name}?`}
        verb="Delete it for good"
        isDestructive
        typed={key}
        onConfirm={() => act.mutate('delete')}
      >
        Its SDK keys, segments, analytics and everything its settings serve are gone, and cannot be brought back.
        Servers that are connected are cut off and keep the values they have.
      </ConfirmDialog>
    </div>
  );
}
