/** The function's code at the first revision. */
export async function first(): Promise<object> {
  return { statusCode: 200, body: "first" };
}
