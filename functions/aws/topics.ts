import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Summary } from '../core/plan/tell-summary.ts';
import { callNamed } from './sdk-failure.ts';

/** Sends a text to everybody who subscribed to the topic. Throws ServiceError. */
export async function publish(
  client: SNSClient,
  topicArn: string,
  { subject, message }: Summary,
): Promise<void> {
  const command = new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: message });
  await callNamed('sns', 'Publish', () => client.send(command));
}
