import { Icon } from './Icon';
import { applyTheme, type Theme, useTheme } from './theme';

const THEMES: readonly { id: Theme; label: string; icon: 'system' | 'sun' | 'moon' }[] = [
  { id: 'system', label: 'Theme of the system', icon: 'system' },
  { id: 'light', label: 'Light theme', icon: 'sun' },
  { id: 'dark', label: 'Dark theme', icon: 'moon' },
];

export function ThemeToggle() {
  const theme = useTheme();
  return (
    <fieldset className="segments">
      <legend className="sr">Theme</legend>
      {THEMES.map(({ id, label, icon }) => (
        <button key={id} type="button" aria-pressed={theme === id} title={label} onClick={() => applyTheme(id)}>
          <Icon name={icon} size={15} />
          <span className="sr">{label}</span>
        </button>
      ))}
    </fieldset>
  );
}
