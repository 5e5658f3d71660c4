// What can be done to a change set now; what cannot says why.
import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ChangeSet, type Step, stepReason, takeStep } from '../../change-sets.js';
import { Faults } from '../../components/Effects.js';
import { WriteButton } from '../../components/WriteButton.js';
import { isProduction, policyQuery, useEnvironmentName } from '../../environments.js';
import { useEditReason } from '../../rights.js';
import { useSession } from '../../session.js';

interface Told {
  verb: string;
  title: string;
  text: string;
  isDanger?: boolean;
}

const STEPS: Record<Exclude<Step, 'edit'>, Told> = {
  submit: {
    verb: 'Ask for approval',
    title: 'Ask another member for approval?',
    text: 'Whoever may change this environment sees it under “To approve”. Nothing is live yet.',
  },
  approve: {
    verb: 'Approve',
    title: 'Approve it as it is?',
    text: 'It can then be applied or scheduled exactly as it is. Another change voids the approval.',
  },
  reject: { verb: 'Reject', title: 'Reject it?', text: 'Its author can rewrite it and ask again.' },
  schedule: {
    verb: 'Schedule',
    title: 'When is it to be applied?',
    text: 'When it cannot be applied then, it fails and says why; nothing is changed.',
  },
  apply: { verb: 'Apply now', title: 'Apply it now?', text: 'All of it or nothing, as one revision.' },
  withdraw: {
    verb: 'Make it a draft again',
    title: 'Make it a draft again?',
    text: 'It is not submitted, approved or scheduled any more.',
  },
  delete: {
    verb: 'Throw away',
    title: 'Throw it away?',
    text: 'It is gone then and cannot be brought back. Nothing that is live changes.',
    isDanger: true,
  },
};

/** In the order in which people look for them. */
const ORDER = ['apply', 'approve', 'submit', 'schedule', 'reject', 'withdraw', 'delete'] as const;

export function Steps({ changeSet }: { changeSet: ChangeSet }) {
  const { environment, steps, decision } = changeSet;
  const session = useSession();
  const editReason = useEditReason(environment);
  const { data: policy } = useQuery(policyQuery(environment));
  const [asked, ask] = useState<(typeof ORDER)[number]>();
  const rules = {
    editReason,
    requiresApproval: policy?.requiresApproval === true,
    isApproved: decision?.approved === true,
  };
  const possible = ORDER.filter((step) => steps.includes(step));
  const usual = possible.find((step) => stepReason(step, changeSet, session, rules) === undefined);
  return (
    <Group gap="xs">
      {possible.map((step) => (
        <WriteButton
          key={step}
          size="sm"
          variant={step === usual ? 'filled' : 'default'}
          reason={stepReason(step, changeSet, session, rules)}
          onClick={() => ask(step)}
        >
          {STEPS[step].verb}
        </WriteButton>
      ))}
      <Modal
        opened={asked !== undefined}
        onClose={() => ask(undefined)}
        title={<Text fw={650}>{asked && STEPS[asked].title}</Text>}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {asked && <StepForm changeSet={changeSet} step={asked} onClose={() => ask(undefined)} />}
      </Modal>
    </Group>
  );
}

function StepForm({
  changeSet,
  step,
  onClose,
}: {
  changeSet: ChangeSet;
  step: Exclude<Step, 'edit'>;
  onClose: () => void;
}) {
  const { environment, title } = changeSet;
  const [comment, setComment] = useState('');
  const [at, setAt] = useState('');
  const queries = useQueryClient();
  const place = useEnvironmentName(environment);
  const take = useMutation({
    mutationFn: () => takeStep(changeSet, step, { comment, at: at && new Date(at).toISOString() }),
    onSuccess: onClose,
    // Also when it failed: it may be another by now.
    onSettled: () => queries.invalidateQueries({ queryKey: [environment] }),
  });
  const { verb, text, isDanger } = STEPS[step];
  const isLive = step === 'apply' && isProduction(environment);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        take.mutate();
      }}
    >
      <Stack gap="md">
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <Text size="sm">{text}</Text>
        {step === 'schedule' && (
          <TextInput
            type="datetime-local"
            label="When"
            description="In the time zone of this browser"
            required
            data-autofocus
            min={localTime(Date.now())}
            value={at}
            onChange={(event) => setAt(event.currentTarget.value)}
          />
        )}
        {(step === 'approve' || step === 'reject') && (
          <Textarea
            label="Comment"
            placeholder={step === 'reject' ? 'What would have to be different' : 'Optional'}
            required={step === 'reject'}
            autosize
            data-autofocus
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
        )}
        {take.error && <Faults error={take.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={take.isPending} {...((isDanger || isLive) && { color: 'red.8' })}>
            {isLive ? `Apply to ${place} now` : verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A time as the browser's own input takes it. */
function localTime(ms: number): string {
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
