import { createTheme, type MantineColorsTuple } from '@mantine/core';

const teal: MantineColorsTuple = [
  '#effbf9',
  '#dcf3ef',
  '#b5e6dd',
  '#8ad8ca',
  '#66cbb9',
  '#4fc3af',
  '#2fae99',
  '#118a78',
  '#0f766e',
  '#075e57',
];

/** Teal 8 on white and teal 3 on the dark background both exceed a contrast of 4.5. */
export const theme = createTheme({
  primaryColor: 'feather',
  primaryShade: { light: 8, dark: 7 },
  colors: { feather: teal },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace",
  defaultRadius: 'md',
  cursorType: 'pointer',
  autoContrast: true,
  headings: { fontWeight: '650' },
  respectReducedMotion: true,
});
