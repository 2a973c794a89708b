import type { Capture } from '../../api/results';
import { bytes, count, plural } from '../../format';
import { Bars } from '../../ui/Bars';

/** What a packet capture held beside its exchanges: connections, losses, TLS that stayed closed. */
export function CaptureFacts({ capture }: { capture: Capture }) {
  const { loss, tls, websockets } = capture;
  const lost = [
    fact('packets that the recorder dropped', loss.dropped_packets),
    fact('packets recorded only in part', loss.cut_packets),
    fact('bytes missing in TCP streams', loss.lost_bytes),
    fact('places where they are missing', loss.gaps),
    fact('segments seen again', loss.retransmitted),
    fact('segments out of order', loss.out_of_order),
    fact('segments that overlap', loss.overlapping),
    fact('segments that contradict others', loss.conflicting),
    fact('implausible segments', loss.implausible),
    fact('IP datagrams with missing fragments', loss.broken_datagrams),
    fact('connections open before the capture', capture.midstream),
    fact('connections given up', capture.given_up),
    fact('requests without response', capture.unanswered),
    fact('responses without request', capture.unasked),
    fact('bytes in HTTP connections that are no message', capture.unframed_bytes),
    fact('HTTP/2 connections not read to the end', capture.http2_broken),
    fact('TLS records that could not be decrypted', tls.undecrypted_records),
  ].filter((one) => one.value > 0);
  return (
    <div className="capture">
      <p className="muted small">
        {plural(capture.packets, 'packet')} · {plural(capture.segments, 'TCP segment')}
        {tls.opened > 0 && ` · ${plural(tls.opened, 'TLS connection')} opened with the key log`}
        {websockets.connections > 0 &&
          ` · ${plural(websockets.connections, 'WebSocket')}, ${plural(websockets.sent + websockets.received, 'message')}`}
      </p>
      <div className="grid">
        <Counts className="span-4" title="Connections" counts={capture.connections} />
        <Counts className="span-4" title="Packets not read" counts={capture.not_read} />
        <Counts className="span-4" title="Link layers and tunnels" counts={{ ...capture.links, ...capture.tunnels }} />
      </div>
      {lost.length > 0 && (
        <section aria-label="Losses">
          <h3>What is missing or odd</h3>
          <Bars name="What is missing or odd" bars={lost} />
        </section>
      )}
      <ClosedTls capture={capture} />
    </div>
  );
}

function fact(label: string, value: number) {
  return { key: label, label, value, text: count(value) };
}

function Counts({ title, counts, className }: { title: string; counts: Record<string, number>; className: string }) {
  const bars = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  return (
    <section className={className} aria-label={title}>
      <h3>{title}</h3>
      {bars.length === 0 ? (
        <p className="muted">None.</p>
      ) : (
        <Bars name={title} bars={bars.map(([name, value]) => fact(name, value))} />
      )}
    </section>
  );
}

function ClosedTls({ capture: { tls } }: { capture: Capture }) {
  if (tls.closed === 0) return null;
  return (
    <div className="scroll-x">
      <table className="plain">
        <caption>
          {plural(tls.closed, 'TLS connection')} stayed closed
          {tls.closed_unlisted > 0 && `, ${count(tls.closed_unlisted)} of them not listed`}
        </caption>
        <thead>
          <tr>
            <th scope="col">Server name</th>
            <th scope="col">Version</th>
            <th scope="col">Client (JA4)</th>
            <th scope="col">Why</th>
            <th scope="col" className="num">
              Connections
            </th>
            <th scope="col" className="num">
              Bytes
            </th>
          </tr>
        </thead>
        <tbody>
          {tls.closed_by_name.map((row) => (
            <tr key={`${row.name} ${row.version} ${row.ja4} ${row.reason}`}>
              <td>{row.name}</td>
              <td>{row.version || 'not seen'}</td>
              <td>
                <code>{row.ja4 || 'not seen'}</code>
              </td>
              <td>{row.reason}</td>
              <td className="num">{count(row.connections)}</td>
              <td className="num">{bytes(row.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
