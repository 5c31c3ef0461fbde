/** What a step's SDK finds by its default chain, as a client of it asks. */
import { S3Client } from '@aws-sdk/client-s3';

const find = new S3Client({ region: 'us-east-1' }).config.credentials;
console.log(
  await find().then(
    ({ accessKeyId, secretAccessKey, sessionToken }) =>
      [accessKeyId, secretAccessKey, sessionToken].join(' '),
    ({ name }: Error) => name,
  ),
);
