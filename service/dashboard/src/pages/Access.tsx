import { Title } from '@mantine/core';

export default function Access() {
  return <Title order={1}>Access</Title>;
}
