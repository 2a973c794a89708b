const PATHS = {
  overview: 'M3 12.5 12 4l9 8.5M5.5 10.5V20h13v-9.5M10 20v-5.5h4V20',
  inventory: 'M4 5.5h16M4 12h16M4 18.5h16M8 3.8v3.4M14 10.3v3.4M10 16.8v3.4',
  findings: 'M12 3.5 21 19.5H3L12 3.5ZM12 10v4.2M12 16.8v.2',
  gateways: 'M4 20V7l8-3.5L20 7v13M4 20h16M9 20v-7.5h6V20M12 12.5V20',
  incidents: 'M5 20V9a7 7 0 0 1 14 0v11M3 20h18M12 2V.8M12 9v4',
  abuse:
    'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM12 1.5V6M12 18v4.5M1.5 12H6M18 12h4.5',
  money: 'M3 6.5h18v11H3ZM12 14.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2ZM6.2 12h.1M17.7 12h.1',
  box: 'M4 8l8-4.5L20 8v8.5L12 21l-8-4.5ZM4 8l8 4.5L20 8M12 12.5V21',
  clock: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 7.5V12l3.2 2.2',
  key: 'M8 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM12.3 12H21M17.5 12v3.5',
  actors:
    'M9 11.5a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2ZM2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.6a3.6 3.6 0 0 1 0 6.7M18.3 14.3c2 .8 3 2.7 3.3 5.7',
  sources:
    'M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3ZM4 6v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3',
  specs: 'M6 3h8.5L19 7.5V21H6ZM14 3v5h5M9 12.5h7M9 16.5h5',
  compliance: 'M12 2.8 19.5 6v5.5c0 4.6-3.1 8-7.5 9.7-4.4-1.7-7.5-5.1-7.5-9.7V6ZM8.6 11.8l2.5 2.5 4.4-4.6',
  check: 'M4.5 12.5 10 18 19.5 7',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5 20.5 20.5',
  sun: 'M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM12 1.5V4M12 20v2.5M1.5 12H4M20 12h2.5M4.6 4.6l1.8 1.8M17.6 17.6l1.8 1.8M4.6 19.4l1.8-1.8M17.6 6.4l1.8-1.8',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z',
  system: 'M3.5 5h17v11.5h-17ZM9 20.5h6M12 16.5v4',
  print: 'M7 8V3.5h10V8M7 17H4V8h16v9h-3M7 14h10v6.5H7Z',
  close: 'M6 6l12 12M18 6 6 18',
  chevron: 'M9 5.5 15.5 12 9 18.5',
  globe: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3.5 9.5h17M3.5 14.5h17M12 3c5 5.5 5 12.5 0 18M12 3c-5 5.5-5 12.5 0 18',
  lock: 'M6 11h12v9H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  inside: 'M4 20V8l8-4.5L20 8v12M9 20v-6h6v6',
  eye: 'M2.5 12C5 7.5 8.3 5.5 12 5.5s7 2 9.5 6.5c-2.5 4.5-5.8 6.5-9.5 6.5S5 16.5 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  hunt: 'M4 5.5h16v13H4ZM7.5 9.5l3 2.5-3 2.5M12.5 15h4',
  changes: 'M4 7h11M12 3.5 15.5 7 12 10.5M20 17H9M12 13.5 8.5 17l3.5 3.5',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.6-4.3 3.6-6.5 7.5-6.5s6.9 2.2 7.5 6.5',
  play: 'M7 4.5 19 12 7 19.5Z',
  plus: 'M12 5v14M5 12h14',
  download: 'M12 4v11M7.5 11 12 15.5 16.5 11M5 20h14',
  comment: 'M4 5h16v11H10l-4.5 4V16H4Z',
  wrench:
    'M14.5 6.5a4.5 4.5 0 0 1 5.8-1.9l-3 3 .6 2.5 2.5.6 2.1-2.1a4.5 4.5 0 0 1-6 5.3L9 21.5 4.5 17l7.6-7.5a4.5 4.5 0 0 1 2.4-3Z',
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing beside a word; never the only carrier of a meaning, so it is hidden from screen readers. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
