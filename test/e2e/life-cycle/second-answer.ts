/** The function's code at the second revision: it also tells what its configuration gave it. */
export async function second(): Promise<object> {
  const { GREETING, AWS_LAMBDA_FUNCTION_MEMORY_SIZE } = process.env;
  return { statusCode: 200, body: `second, ${GREETING}, ${AWS_LAMBDA_FUNCTION_MEMORY_SIZE} MB` };
}
