import { Link } from '@tanstack/react-router';
import { Copyable } from '../ui/Copyable';
import { Panel } from '../ui/Panel';
import { useMay } from './session';

/** What to do while nothing was received: this page turns into the overview by itself. */
export function FirstSteps() {
  const { may: mayIngest } = useMay('ingest');
  return (
    <div className="page first-steps">
      <header className="headline">
        <p className="eyebrow">Ready</p>
        <h1>Nothing was received yet.</h1>
        <p className="lede">
          Send the first exchanges, and this page becomes the overview within seconds. Three ways, each of them enough:
        </p>
      </header>
      <Panel title="1. Push exchanges" hint="HAR entries, one JSON object a line; gzip and zstd are welcome.">
        <Copyable
          name="Command that pushes exchanges"
          text={`curl --data-binary @traffic.har.ndjson ${location.origin}/v1/exchanges \\\n  -H "authorization: Bearer $VEDETTE_TOKEN"`}
        />
        <p className="muted small">
          {mayIngest ? (
            <>
              Make a token with the scope <b>ingest</b> under <Link to="/settings/tokens">API tokens</Link>.
            </>
          ) : (
            'Ask an administrator for a token with the scope ingest.'
          )}
        </p>
      </Panel>
      <Panel
        title="2. Follow a log"
        hint="Files and folders are followed across rotation and restart. In the configuration of this server:"
      >
        <Copyable name="Configuration that follows a log" text={'[[sources]]\nfollow = "/var/log/nginx/access.log"'} />
      </Panel>
      <Panel title="3. Try it with made-up traffic" hint="No log at hand? The project brings a sample.">
        <Copyable
          name="Command that pushes the sample"
          text={`curl --data-binary @samples/harbor/traffic.har.ndjson.gz ${location.origin}/v1/exchanges \\\n  -H "authorization: Bearer $VEDETTE_TOKEN" -H "content-encoding: gzip"`}
        />
      </Panel>
    </div>
  );
}
