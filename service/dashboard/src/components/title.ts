import { useEffect } from 'react';

/** Names the page in the browser's tab and history, and to those who hear it. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    if (title !== undefined) document.title = `${title} · Feathery`;
  }, [title]);
}
