// Where one-time links lead: the first admin is made, a password is set, an operator gets in.
import { Alert, Anchor, Button, PasswordInput, Skeleton, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, data } from '../api.js';
import { OutsideCard } from '../components/OutsideCard.js';

const MIN_PASSWORD_LENGTH = 12;

const TITLES = {
  setup: { title: 'Welcome to Feathery', lead: 'Make the first admin. The link that brought you here works once.' },
  password: { title: 'Choose a password', lead: 'It ends your other sessions.' },
  'sign-in': { title: 'Sign in', lead: 'The link that brought you here works once.' },
} as const;

export default function Setup() {
  // In the fragment, so that no server log and no Referer header ever holds it.
  const [token] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get('token') ?? '');
  const link = useQuery({
    queryKey: ['link', token],
    queryFn: () => data(api.POST('/api/v1/session/link', { body: { token } })),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (link.isPending) {
    return (
      <OutsideCard {...TITLES['sign-in']}>
        <Skeleton height={120} />
      </OutsideCard>
    );
  }
  if (link.error || !link.data) {
    return (
      <OutsideCard title="This link does not work" lead={link.error?.message ?? ''}>
        <Anchor component={Link} to="/sign-in">
          Sign in with a password
        </Anchor>
      </OutsideCard>
    );
  }
  return <UseLink token={token} purpose={link.data.purpose} knownEmail={link.data.email} />;
}

function UseLink(props: { token: string; purpose: keyof typeof TITLES; knownEmail: string | null }) {
  const { token, purpose, knownEmail } = props;
  const [email, setEmail] = useState(knownEmail ?? '');
  const [password, setPassword] = useState('');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const use = useMutation({
    mutationFn: () => {
      const body = { token, ...(purpose === 'setup' && { email }), ...(purpose !== 'sign-in' && { password }) };
      return api.POST('/api/v1/session/link/use', { body });
    },
    onSuccess: () => {
      queries.clear();
      return navigate({ to: '/' });
    },
  });
  return (
    <OutsideCard {...TITLES[purpose]}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          use.mutate();
        }}
      >
        <Stack gap="md">
          {use.error && (
            <Alert color="red" variant="light" role="alert">
              {use.error.message}
            </Alert>
          )}
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            readOnly={purpose !== 'setup'}
            autoFocus={purpose === 'setup'}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          {purpose !== 'sign-in' && (
            <PasswordInput
              label="Password"
              description={`At least ${MIN_PASSWORD_LENGTH} characters`}
              autoComplete="new-password"
              required
              withAsterisk={false}
              minLength={MIN_PASSWORD_LENGTH}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          )}
          <Button type="submit" loading={use.isPending}>
            {purpose === 'setup' ? 'Make the first admin' : 'Go on'}
          </Button>
        </Stack>
      </form>
    </OutsideCard>
  );
}
