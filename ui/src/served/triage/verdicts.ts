import type { Verdict } from '../../api/api';

/** What each verdict is called, when it is given, and what Vedette learns by it. */
export const VERDICTS: Record<Verdict, { name: string; when: string; teaches: string }> = {
  true: {
    name: 'abuse',
    when: 'It was abuse',
    teaches: 'Such detections are trusted more. It opens again when more comes.',
  },
  false: {
    name: 'false alarm',
    when: 'It was a false alarm',
    teaches: 'These kinds are not told of this actor again, and must be surer of everybody else.',
  },
  expected: {
    name: 'expected',
    when: 'It is as it should be',
    teaches: 'A test, a migration, a partner: these kinds are not told of this actor again.',
  },
};
