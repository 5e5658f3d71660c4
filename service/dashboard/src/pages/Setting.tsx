import { Title } from '@mantine/core';

export default function Setting() {
  return <Title order={1}>Setting</Title>;
}
