import { Title } from '@mantine/core';

export default function SignIn() {
  return <Title order={1}>SignIn</Title>;
}
