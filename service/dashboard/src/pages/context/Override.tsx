// Giving one user or organization another value than the rules do.
import { Button, Loader, Menu, Tooltip } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useState } from 'react';
import type { Change } from '../../changes.js';
import { SaveDialog } from '../../components/SaveDialog.js';
import { valueLabel, variationLabel } from '../../describe.js';
import type { SettingItem } from '../../model.js';
import { overridesOf, setKey, toTargets, variationByContext } from '../../overrides.js';
import { useEditReason } from '../../rights.js';
import { type SettingRow, settingQuery } from '../../settings.js';

interface Whom {
  environment: string;
  kind: string;
  contextKey: string;
  name: string;
}

interface Planned {
  setting: SettingRow;
  change: Change;
  sentence: string;
}

const PlanContext = createContext<(planned: Planned) => void>(() => {});
const WhomContext = createContext<Whom>({ environment: '', kind: '', contextKey: '', name: '' });

/** One dialog for all rows below it. */
export function OverrideProvider({ children, ...whom }: Whom & { children: ReactNode }) {
  const [planned, plan] = useState<Planned>();
  const [isOpen, setOpen] = useState(false);
  const open = (next: Planned) => {
    plan(next);
    setOpen(true);
  };
  const close = () => setOpen(false);
  return (
    <WhomContext value={whom}>
      <PlanContext value={open}>{children}</PlanContext>
      {planned && (
        <SaveDialog
          environment={whom.environment}
          opened={isOpen}
          onClose={close}
          subject={planned.setting.name}
          changes={[planned.change]}
          sentences={[planned.sentence]}
          variations={{ [planned.setting.key]: planned.setting.variations }}
          onSaved={close}
          onStale={close}
        />
      )}
    </WhomContext>
  );
}

export function OverrideMenu({ setting }: { setting: SettingRow }) {
  const { environment, kind, contextKey } = useContext(WhomContext);
  const reason = useEditReason(environment);
  const [isOpen, setOpen] = useState(false);
  const { data: item } = useQuery({ ...settingQuery(environment, setting.key), enabled: isOpen });
  const button = (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconAdjustmentsHorizontal size={14} aria-hidden />}
      aria-label={`Override ${setting.name}`}
      {...(reason !== undefined && { 'data-disabled': true, 'aria-disabled': true })}
    >
      Override
    </Button>
  );
  if (reason !== undefined) {
    return (
      <Tooltip label={reason} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
        {button}
      </Tooltip>
    );
  }
  return (
    <Menu position="bottom-end" opened={isOpen} onChange={setOpen} width={260}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Always serve this {kind}</Menu.Label>
        {item === undefined ? (
          <Loader size="sm" type="dots" m="sm" aria-label="Loading" />
        ) : (
          <Choices setting={setting} item={item} id={`${kind} ${contextKey}`} />
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Choices({ setting, item, id }: { setting: SettingRow; item: SettingItem; id: string }) {
  const plan = useContext(PlanContext);
  const { kind, contextKey, name } = useContext(WhomContext);
  const { variations } = setting;
  const overrides = overridesOf(item);
  const present = variationByContext(overrides).get(id);
  const choose = (variation: number | undefined) => {
    const contextTargets = toTargets(setKey(overrides, kind, contextKey, variation));
    plan({
      setting,
      change: { setting: setting.key, patch: { targets: [], contextTargets }, version: item.version },
      sentence:
        variation === undefined
          ? `no override for ${name} any more`
          : `${variationLabel(variation, variations)} for ${kind} ${name}, whatever the rules say`,
    });
  };
  return (
    <>
      {variations.map((variation, index) => (
        <Menu.Item
          key={variationLabel(index, variations)}
          disabled={present === index}
          leftSection={present === index ? <IconCheck size={14} /> : <span style={{ width: 14 }} />}
          onClick={() => choose(index)}
        >
          {variationLabel(index, variations)}
          {variation.name && <span style={{ opacity: 0.7 }}> · {valueLabel(variation.value, 24)}</span>}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Item disabled={present === undefined} leftSection={<IconX size={14} />} onClick={() => choose(undefined)}>
        No override
      </Menu.Item>
    </>
  );
}
