/** Tells which route was taken, and with which parameters. */
export async function handler(event: { resource: string; pathParameters: Record<string, string> | null }) {
  return {
    statusCode: 200,
    body: JSON.stringify({ resource: event.resource, parameters: event.pathParameters }),
  };
}
