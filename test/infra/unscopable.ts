/** Actions without resource-level permissions (Service Authorization Reference): the only ones with `*`. */
export const UNSCOPABLE: Readonly<Record<string, string>> = {
  'ecs:ListTasks': 'denied with a task or a cluster as the resource; bound to the cluster by a condition',
  'ecr:GetAuthorizationToken': 'the token is for the registry of the account',
};
