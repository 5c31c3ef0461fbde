import { fail, judged, link, ok } from '../link.ts';
import { APP, settingsOf } from './app.ts';

export const events = link({
  id: 'events',
  title: 'the App gets workflow_job events',
  tries: 'the events in the answer to GET /app',
  needs: ['app'],
  reads: { app: APP },
  judge: ({ app }) =>
    judged(app, '', ({ events: all }) =>
      all.includes('workflow_job')
        ? ok(all.join(', '))
        : fail(`subscribed to: ${all.join(', ') || 'nothing'}`, `tick Workflow job in ${settingsOf(app)}`),
    ),
});
