import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api.js';
import { OutsideCard } from '../components/OutsideCard.js';

export default function SignIn() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const queries = useQueryClient();
  const router = useRouter();
  const { from }: { from?: string } = useSearch({ strict: false });
  const signIn = useMutation({
    mutationFn: () => api.POST('/api/v1/session', { body: { email, password } }),
    onSuccess: () => {
      queries.clear();
      router.history.push(isOwnPath(from) ? from : '/');
    },
  });
  return (
    <OutsideCard title="Sign in" lead="With the e-mail address you were invited by.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <Stack gap="md">
          {signIn.error && (
            <Alert color="red" variant="light" role="alert">
              {signIn.error.message}
            </Alert>
          )}
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" loading={signIn.isPending}>
            Sign in
          </Button>
          <Text size="sm" c="dimmed">
            Forgotten the password? An admin can give you a link for a new one.
          </Text>
        </Stack>
      </form>
    </OutsideCard>
  );
}

/** Where somebody was when the session ended; never another site. */
function isOwnPath(path: unknown): path is string {
  return typeof path === 'string' && /^\/(?![/\\])/.test(path);
}
