import { Title } from '@mantine/core';

export default function Setup() {
  return <Title order={1}>Setup</Title>;
}
