import { counted } from '../../../functions/core/words/count.ts';
import { countDoubts } from '../../observe/queue-reader.ts';
import { judged, link, ok, tried, warn } from '../link.ts';

const DOUBTS = tried((deployment) => countDoubts(deployment.sqs, deployment));

export const queue = link({
  id: 'queue',
  title: 'repositories in the queue are looked at',
  tries: 'sqs:GetQueueAttributes of both queues',
  needs: ['event-source'],
  reads: { doubts: DOUBTS },
  judge: ({ doubts }) =>
    judged(doubts, 'allow this identity to read the queues (sqs:GetQueueAttributes)', ({ waiting, dead }) =>
      dead === 0
        ? ok(`${waiting} to look at, none given up`)
        : warn(
            `${counted(dead, 'repository', 'repositories')} given up (dead letters)`,
            'oneshot dlq list says why; then oneshot dlq retry',
          ),
    ),
});
