import type { Endpoint } from '../../api/results';
import { band } from '../../catalog';
import { percent, sentence } from '../../format';
import { Bars } from '../../ui/Bars';
import { Panel } from '../../ui/Panel';

/** Why the score is what it is, heaviest first. */
export function RiskReasons({ risk }: { risk: Endpoint['risk'] }) {
  const color = `var(--sev-${band(risk.score).id})`;
  return (
    <Panel
      title={`Why ${risk.score} of 100`}
      hint={
        <>
          Likelihood <b>{percent(risk.likelihood)}</b> × impact <b>{percent(risk.impact)}</b>. Points of the score that
          each reason accounts for:
        </>
      }
      className="span-7"
    >
      {risk.reasons.length === 0 ? (
        <p className="muted">Nothing about this endpoint adds to its risk.</p>
      ) : (
        <Bars
          name="Reasons of the risk score"
          bars={risk.reasons.map((reason) => ({
            key: reason.factor,
            label: sentence(reason.text),
            value: Math.abs(reason.points),
            text: `${reason.points < 0 ? '−' : '+'}${Number(Math.abs(reason.points).toFixed(1))}`,
            color: reason.points < 0 ? 'var(--accent-fill)' : color,
          }))}
        />
      )}
    </Panel>
  );
}
