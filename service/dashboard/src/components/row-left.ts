import { useRouter } from '@tanstack/react-router';
import { useLayoutEffect, useState } from 'react';

/**
 * Calls back when somebody has come to this list from the page of one of its rows, once the list is drawn where it was
 * scrolled to. The row is named by what the address of its page has beyond that of the list: a key, or a kind and a
 * key. Where the focus is on what has stayed, as on the navigation, it stays.
 */
export function useRowLeft(onReturn: (row: string) => void): void {
  const router = useRouter();
  const [left] = useState(() => {
    const { location, resolvedLocation: before } = router.state;
    if (!before?.pathname.startsWith(`${location.pathname}/`)) return undefined;
    const [, { env: _environment, ...parts }] = router.getMatchedRoutes(before.pathname);
    return Object.values(parts).join(' ');
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as the list comes in the place of the row's page
  useLayoutEffect(() => {
    if (left === undefined) return undefined;
    const unsubscribe = router.subscribe('onRendered', () => {
      unsubscribe();
      requestAnimationFrame(() => {
        if (document.activeElement === document.body) onReturn(left);
      });
    });
    return unsubscribe;
  }, []);
}
