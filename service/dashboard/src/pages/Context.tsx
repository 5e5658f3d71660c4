import { Title } from '@mantine/core';

export default function Context() {
  return <Title order={1}>Context</Title>;
}
