import { Button, PasswordInput, SimpleGrid, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { describeGrant, membersQuery, sessionsQuery } from '../../access.js';
import { api, data } from '../../api.js';
import { Faults } from '../../components/Effects.js';
import { RelativeTime } from '../../components/RelativeTime.js';
import { Section } from '../../components/Section.js';
import { ErrorState, LoadingRows } from '../../components/States.js';
import { useSession } from '../../session.js';
import classes from './access.module.css';

const MIN_PASSWORD_LENGTH = 12;

export function YouTab() {
  const session = useSession();
  const { data: members } = useQuery(membersQuery);
  const hasPassword = members?.find(({ id }) => id === session.id)?.active !== false;
  return (
    <Stack gap="md">
      <Text size="sm">
        You are {session.name}, {describeGrant(session)}.
      </Text>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <Section title="Password" lead="A new one ends your other sessions.">
          {hasPassword ? <PasswordForm /> : <FirstPassword id={session.id} />}
        </Section>
        <Section title="Sessions" lead="Where you are signed in.">
          <Sessions />
        </Section>
      </SimpleGrid>
    </Stack>
  );
}

/** For whoever signed in by a link that asked for none. */
function FirstPassword({ id }: { id: string }) {
  const choose = useMutation({
    mutationFn: () => data(api.POST('/api/v1/members/{id}/link', { params: { path: { id } } })),
    onSuccess: ({ path }) => window.location.assign(path),
  });
  return (
    <Stack gap="sm">
      <Text size="sm">You signed in by a link and have none yet. With one you can come back without a link.</Text>
      {choose.error && <Faults error={choose.error} />}
      <Button w="fit-content" loading={choose.isPending} onClick={() => choose.mutate()}>
        Choose a password
      </Button>
    </Stack>
  );
}

function PasswordForm() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: () => api.PUT('/api/v1/session/password', { body: { current, new: next } }),
    onSuccess: async () => {
      setCurrent('');
      setNext('');
      notifications.show({ color: 'teal', message: 'Your password is changed. Your other sessions have ended.' });
      await queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <Stack gap="sm" maw={400}>
        <PasswordInput
          label="Present password"
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password"
          description={`At least ${MIN_PASSWORD_LENGTH} characters`}
          autoComplete="new-password"
          required
          minLength={MIN_PASSWORD_LENGTH}
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        {change.error && <Faults error={change.error} />}
        <Button type="submit" w="fit-content" loading={change.isPending}>
          Change the password
        </Button>
      </Stack>
    </form>
  );
}

function Sessions() {
  const { data: sessions, error, refetch } = useQuery(sessionsQuery);
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: (id: string) => api.DELETE('/api/v1/sessions/{id}', { params: { path: { id } } }),
    onSettled: () => queries.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (sessions === undefined) return <LoadingRows rows={3} height={52} />;
  return (
    <ul className={classes.sessions}>
      {sessions.map(({ id, current, address, userAgent, lastUsedAt }) => (
        <li key={id}>
          <div className={classes.cell}>
            <Text size="sm" truncate title={userAgent}>
              {browserOf(userAgent)} · {address}
            </Text>
            <Text size="xs" c="dimmed">
              {current ? 'this one' : <RelativeTime at={lastUsedAt} />}
            </Text>
          </div>
          {!current && (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={`End the session from ${address}`}
              loading={end.isPending && end.variables === id}
              onClick={() => end.mutate(id)}
            >
              End
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** `Firefox on Linux`, as well as it can be told. */
function browserOf(userAgent: string): string {
  const browser = ['Edg', 'Firefox', 'Chrome', 'Safari'].find((name) => userAgent.includes(name));
  const system = ['Windows', 'Android', 'iPhone', 'Mac OS', 'Linux'].find((name) => userAgent.includes(name));
  const name = browser === 'Edg' ? 'Edge' : browser;
  return [name ?? 'A browser', system].filter(Boolean).join(' on ');
}
