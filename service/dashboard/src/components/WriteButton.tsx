import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { MouseEventHandler } from 'react';

interface WriteButtonProps extends ButtonProps {
  /** Why the person may not do this; absent when they may. */
  reason?: string | undefined;
  onClick?: MouseEventHandler<HTMLButtonElement>;
  type?: 'button' | 'submit';
  'aria-label'?: string;
}

/**
 * A button that changes something. Who may not use it sees it all the same and is told why: with `aria-disabled`, as a
 * disabled button takes no focus and so could not tell.
 */
export function WriteButton({ reason, onClick, type = 'button', ...rest }: WriteButtonProps) {
  const isBarred = reason !== undefined;
  return (
    <Tooltip label={reason} disabled={!isBarred} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
      <Button
        {...rest}
        type={isBarred ? 'button' : type}
        {...(isBarred && { 'data-disabled': true, 'aria-disabled': true })}
        onClick={isBarred ? (event) => event.preventDefault() : onClick}
      />
    </Tooltip>
  );
}
