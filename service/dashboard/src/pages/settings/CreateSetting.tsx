export function CreateSetting(_: { environment: string; opened: boolean; onClose: () => void }) {
  return null;
}
