import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

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

/** White on teal 8 exceeds a contrast of 4.5, in both schemes. */
export const theme = createTheme({
  primaryColor: 'feather',
  primaryShade: 8,
  colors: { feather: teal },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace",
  defaultRadius: 'md',
  cursorType: 'pointer',
  autoContrast: true,
  headings: { fontWeight: '650' },
  components: {
    // Titles in the colour of a light alert stay below a contrast of 4.5 in yellow and orange.
    Alert: { styles: { title: { color: 'var(--mantine-color-bright)' } } },
    // The placeholder is a child that a menu may not have; without it the first item has the focus.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Modal: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } }, styles: { title: { fontWeight: 650 } } },
  },
  respectReducedMotion: true,
});

/** Mantine's greys for lesser text stay below a contrast of 4.5 on the shaded parts of a page; these do not. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5b636b',
    '--mantine-color-placeholder': '#6b737b',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
  },
  dark: {
    '--mantine-color-dimmed': '#a5abb2',
    '--mantine-color-placeholder': '#979da4',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    // Mantine's own is darker than the page, as if something had been cut out of it.
    '--mantine-color-gray-light': 'var(--mantine-color-dark-5)',
    '--mantine-color-gray-light-hover': 'var(--mantine-color-dark-4)',
  },
});
