import { Title } from '@mantine/core';

export default function Contexts() {
  return <Title order={1}>Contexts</Title>;
}
